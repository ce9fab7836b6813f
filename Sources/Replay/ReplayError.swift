/// Why a rebuild or a comparison could not be done.
public struct ReplayError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Another replay works on the same view.
        case busy
        /// Asked to stop.
        case interrupted
        /// There is nothing to work on.
        case missing
        /// Two stores do not have the same tables and columns.
        case incompatible
        /// The log or a store gives what it cannot.
        case damaged
        /// No space left.
        case full
        /// What was asked for makes no sense here.
        case invalid
    }

    public var code: Code
    /// What happened, where, and what to do.
    public var message: String
    /// The same again later may succeed.
    public var isRetriable: Bool
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    public var description: String { message + (cause.map { " (\($0))" } ?? "") }
}
