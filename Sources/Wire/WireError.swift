/// Bytes that are not what they should be: a record, a content in canonical form, a JSON value.
///
/// The message says what is wrong and at which field; it never holds content. Reading the same bytes again gives the
/// same error, so nothing here is retriable.
public struct WireError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Cut short, or not protobuf, or a field that is not of its type.
        case malformed
        /// Written by a newer Parley: a format version or a command kind that this one does not know.
        case unknown
        /// A field without which the command means nothing is not there.
        case missingField
        /// More bytes, or more of something, than a record may have.
        case tooLarge
        /// Text that is not UTF-8.
        case notText
        /// Not one JSON value.
        case notJSON
        /// A content that is not in canonical form.
        case notCanonical
    }

    public let code: Code
    /// What was found, where, and what to do.
    public let message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Never: the same bytes give the same error.
    public var isRetriable: Bool { false }
    /// Nothing lies beneath: the bytes are the cause.
    public var cause: (any Error)? { nil }

    public var description: String { "\(code.rawValue): \(message)" }
}

extension WireError {
    package init(_ fault: ProtobufFault) {
        switch fault.kind {
        case .truncated: self.init(.malformed, "the record is cut short in \(fault.place)")
        case .varintOverflow: self.init(.malformed, "\(fault.place) is a number too large for its type")
        case .wrongWireType: self.init(.malformed, "a field of \(fault.place) has a wire type that is not its own")
        case .badFieldNumber: self.init(.malformed, "a field has a number outside 1 to 536870911")
        case .notSixteenBytes: self.init(.malformed, "\(fault.place) is not an id of 16 bytes")
        case .notUTF8: self.init(.notText, "\(fault.place) is not UTF-8")
        case .unknownEnumValue:
            self.init(.unknown, "\(fault.place) has a value that this version does not know: upgrade this program")
        case .tooMany: self.init(.tooLarge, "\(fault.place) stands more often than a record may have it")
        }
    }
}
