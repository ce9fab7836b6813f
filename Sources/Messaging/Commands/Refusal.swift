/// Why a command was not admitted: nothing of it reached the log.
///
/// The reason names the field and what is wrong with it, and never holds content.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order in which they are looked for: the first that holds is the one reported.
    public enum Code: UInt8, Sendable, CaseIterable, Comparable {
        /// Invalid UTF-8, NUL raw or escaped, a lone surrogate.
        case notText = 1
        /// Not exactly one JSON object.
        case json
        /// Nested deeper than 32.
        case tooDeep
        /// A name stands twice in one object.
        case duplicateKey
        case unknownCommand
        case unknownField
        /// Absent or null.
        case missingField
        /// Not 36 characters of UUID text in lower case.
        case badId
        /// A wrong type, range or combination.
        case badValue
        /// Too many bytes, or too many of something.
        case tooLarge
        /// A hook said no.
        case hook

        /// The word that answers and error lines use.
        public var name: String { String(describing: self) }

        public static func < (left: Code, right: Code) -> Bool { left.rawValue < right.rawValue }
    }

    public let code: Code
    public let reason: String

    public init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Never: the same command is refused again.
    public var isRetriable: Bool { false }

    public var description: String { "\(code.name): \(reason)" }
}
