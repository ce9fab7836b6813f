/// An admitted command with what admission found out about it: what one entry of the log says.
public struct Record: Sendable, Equatable {
    public var id: CommandID
    public var actor: MemberID
    public var conversation: ConversationID
    public var command: Command
    public var origin: Origin
    /// Microseconds of the legacy store's clock with ties made strict; only with origin `legacy`.
    public var sourceVersion: Int64?
    /// What each hook said at admission, so that a replay calls none.
    public var verdicts: [HookVerdict]
    /// W3C trace context of the request, for tracing only.
    public var traceParent: [UInt8]?

    public init(
        id: CommandID, actor: MemberID, conversation: ConversationID, command: Command, origin: Origin = .native,
        sourceVersion: Int64? = nil, verdicts: [HookVerdict] = [], traceParent: [UInt8]? = nil
    ) {
        self.id = id
        self.actor = actor
        self.conversation = conversation
        self.command = command
        self.origin = origin
        self.sourceVersion = sourceVersion
        self.verdicts = verdicts
        self.traceParent = traceParent
    }

    /// The source version of a send that only says that there is a legacy message, not what was sent at first: its copy was
    /// edited or deleted since, or has no body. Lower than every other.
    public static let placeholderVersion: Int64 = 0

    /// What decides the record's partition: the member for personal commands, else the conversation.
    @inlinable
    public var key: Identifier { command.isPersonal ? actor.value : conversation.value }
}

/// Who judged the command first: Parley's admission, or the legacy system.
public enum Origin: UInt8, Sendable, Equatable {
    case native = 0
    case legacy = 1
}

/// What a hook said about a command at admission.
public struct HookVerdict: Sendable, Equatable {
    public enum Decision: UInt8, Sendable, Equatable {
        case allowed = 0
        case replaced = 1
        case held = 2
    }
    public var hook: [UInt8]
    /// The hook's own version, as text.
    public var version: [UInt8]
    public var decision: Decision
    public var durationMicros: Int64

    public init(hook: [UInt8], version: [UInt8], decision: Decision, durationMicros: Int64) {
        self.hook = hook
        self.version = version
        self.decision = decision
        self.durationMicros = durationMicros
    }
}

/// A record with its place and time in the log.
public struct LoggedRecord: Sendable, Equatable {
    public var record: Record
    public var partition: Int32
    public var offset: Int64
    /// Microseconds since 1970 by the log's clock.
    public var appendTime: Int64

    public init(record: Record, partition: Int32, offset: Int64, appendTime: Int64) {
        self.record = record
        self.partition = partition
        self.offset = offset
        self.appendTime = appendTime
    }
}
