public import EventLog
public import Messaging

/// How far an append has come: what is durable and answered.
public struct AppendProgress: Sendable {
    /// Lines read, blank ones too.
    public var read = 0
    /// Records that this run appended.
    public var appended = 0
    /// Lines whose records the log had already.
    public var resumed = 0
    public var refused = 0
    /// Lines of white space.
    public var blank = 0
    /// Bytes of the input that these lines take.
    public var inputBytes = 0
    /// Covers every record appended or found.
    public var token = PositionToken()

    public init() {}
}

/// What became of a line, in the order of the lines; blank ones have none.
public struct LineAnswer: Sendable {
    public enum Outcome: Sendable {
        /// Its record is durable at this position.
        case appended(Admitted, Position)
        /// The log had its record already, at this position.
        case logged(Admitted, Position)
        case refused(Refusal)
    }

    /// Counted from 1.
    public let line: Int
    public let outcome: Outcome
}
