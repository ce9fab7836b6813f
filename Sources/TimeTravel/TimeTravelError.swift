/// Why the past could not be told.
public struct TimeTravelError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// What was asked for makes no sense for this log.
        case invalid
        /// Asked to stop.
        case interrupted
        /// The log no longer has its beginning.
        case incomplete
        /// An answer of the read path is not what it always is.
        case damaged
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

    static let interrupted = TimeTravelError(.interrupted, "stopped before there was an answer", isRetriable: true)
}
