/// Why a projection stopped or a view cannot be used.
public struct ProjectionError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// Another projector has taken a partition; this one must claim again.
        case fenced
        /// Another generation of the view has become the active one: open the view again.
        case superseded
        /// The view's file is damaged.
        case corrupt
        /// The view was made by another version or for another purpose.
        case incompatible
        /// No space left; nothing of the batch was applied.
        case full
        case readOnly
        case cannotOpen
        /// No projector has made the view yet.
        case missing
        case busy
        /// The server that keeps the view does not answer.
        case unreachable
        case inputOutput
        /// The view does not take a row, whoever tries: a defect, or damage that was not noticed.
        case refused
        /// The log no longer has what the view needs, or lies about it.
        case log
    }
    public var code: Code
    /// What happened, where, and what to do.
    public var message: String
    /// The same batch may be applied later.
    public var isRetriable: Bool
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    /// Whether it is the machine that failed, and not what was to be applied.
    var isOutage: Bool {
        switch code {
        case .full, .readOnly, .cannotOpen, .busy, .unreachable, .inputOutput: true
        case .fenced, .superseded, .corrupt, .incompatible, .missing, .refused, .log: false
        }
    }

    public var description: String { message + (cause.map { " (\($0))" } ?? "") }
}
