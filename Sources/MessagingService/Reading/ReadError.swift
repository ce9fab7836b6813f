/// Why a read was not answered.
public struct ReadError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// A view has not come as far as the caller asked.
        case behind
        /// A token of another list.
        case wrongToken
        /// What a view says of a message cannot be.
        case damaged
    }

    public var code: Code
    /// What happened, where, and what to do.
    public var message: String
    /// The same read may be answered later.
    public var isRetriable: Bool
    /// What a lower layer said.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    public var description: String { "\(code.rawValue): \(message)" }
}
