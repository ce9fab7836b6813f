public import EventLog
public import Messaging

/// What the replicator stores in one transaction.
public struct ReplicationStep: Sendable, Equatable {
    public var changes = LaneChanges()
    /// Requests that are carried out.
    public var handled: [LaneRequest] = []
    /// What is to be added to the counts: see ``ReplicationFigures/counts``.
    public var counts: [String: Int64] = [:]
    /// How the replicator stands now; `nil` when that has not changed.
    public var standing: ReplicationStanding?

    public init() {}

    public var isEmpty: Bool { changes.isEmpty && handled.isEmpty && counts.isEmpty && standing == nil }
}

/// Whether the replicator reads, and since when most lanes fail.
public struct ReplicationStanding: Sendable, Equatable {
    /// `open`, `full`, `outage`, `parkedPerLane` or `parkedInAll`.
    public var intake: String
    /// Since when there is an outage, in milliseconds; `nil` when there is none.
    public var outageSinceMillis: Int64?

    public init(intake: String, outageSinceMillis: Int64?) {
        self.intake = intake
        self.outageSinceMillis = outageSinceMillis
    }
}

/// What is known of replication without asking the replicator.
public struct ReplicationFigures: Sendable, Equatable {
    /// Next offset by partition: everything before is applied, parked or skipped.
    public var positions: [TopicPartition: Int64] = [:]
    /// Since the store was made: `read`, `applied`, `commands`, `failures.CLASS`, `converter.NAME`.
    public var counts: [String: Int64] = [:]
    /// `nil` before the first run.
    public var standing: ReplicationStanding?

    public init() {}
}

/// A record of `legacy-writes` as the log holds it.
public struct Payload: Sendable, Equatable {
    public var key: [UInt8]
    public var value: [UInt8]
    public var appendMicros: Int64

    public init(key: [UInt8], value: [UInt8], appendMicros: Int64) {
        self.key = key
        self.value = value
        self.appendMicros = appendMicros
    }
}

/// A record that waits in its lane.
public struct ParkedRecord: Sendable, Equatable {
    public var position: Position
    public var payload: Payload

    public init(position: Position, payload: Payload) {
        self.position = position
        self.payload = payload
    }
}

/// What an operator asks of lanes, and what the audit line says.
public struct LaneOrder: Sendable, Equatable {
    /// Gives up the head; else the lane is tried again from its head.
    public var skipsHead: Bool
    /// At most so many records a second, of all such orders together; 0: as fast as it goes.
    public var recordsPerSecond: Int64
    public var `operator`: String
    public var reason: String

    public init(skipsHead: Bool = false, recordsPerSecond: Int64 = 0, operator: String, reason: String) {
        self.skipsHead = skipsHead
        self.recordsPerSecond = recordsPerSecond
        self.operator = `operator`
        self.reason = reason
    }

    /// The word that rows and JSON use.
    public var action: String { skipsHead ? "skipHead" : "redrive" }
}

/// What an operator asked of a lane, as the replicator finds it.
public struct LaneRequest: Sendable, Equatable {
    public var id: Int64
    public var lane: ConversationID
    public var skipsHead: Bool
    public var recordsPerSecond: Int64

    public init(id: Int64, lane: ConversationID, skipsHead: Bool, recordsPerSecond: Int64) {
        self.id = id
        self.lane = lane
        self.skipsHead = skipsHead
        self.recordsPerSecond = recordsPerSecond
    }
}

/// A lane with parked records, for people.
public struct LaneSummary: Sendable, Equatable {
    public var lane: StoredLane
    public var parked: Int
    /// Append time of its oldest parked record, microseconds.
    public var oldestMicros: Int64

    public init(lane: StoredLane, parked: Int, oldestMicros: Int64) {
        self.lane = lane
        self.parked = parked
        self.oldestMicros = oldestMicros
    }
}

/// What an operator did.
public struct AuditLine: Sendable, Equatable {
    public var atMillis: Int64
    public var action: String
    public var lane: ConversationID
    public var `operator`: String
    public var reason: String

    public init(atMillis: Int64, action: String, lane: ConversationID, operator: String, reason: String) {
        self.atMillis = atMillis
        self.action = action
        self.lane = lane
        self.operator = `operator`
        self.reason = reason
    }
}
