public import EventLog
public import Messaging

/// What bounds the lanes. Every time is in milliseconds.
public struct LaneSettings: Sendable {
    /// Lanes attempted at the same time.
    public var concurrentLanes = 64
    /// Of those, lanes that failed before: so that a slow failure never takes every place.
    public var concurrentRetries = 16
    /// Records of one lane given to one attempt.
    public var recordsPerAttempt = 256
    /// Records taken from the log that are neither applied nor parked; above it intake waits.
    public var unsettledRecords = 20_000
    /// Parked records of one lane; reaching it stops intake.
    public var parkedPerLane = 10_000
    /// Parked records of all lanes; reaching it stops intake.
    public var parkedInAll = 1_000_000
    /// The longest wait after the first failure; it doubles with each attempt.
    public var firstBackoffMillis: Int64 = 1_000
    public var longestBackoffMillis: Int64 = 3_600_000
    /// Attempts after which a lane whose head fails transiently is dead.
    public var transientAttempts = 100
    /// Attempts after which a lane whose head fails for an unknown reason is dead.
    public var unknownAttempts = 10
    /// An outage is told from the lanes that ended an attempt within this time.
    public var outageWindowMillis: Int64 = 10_000
    /// So many lanes at least make an outage.
    public var outageLanes = 20
    /// At most so many lanes, the latest, are looked at.
    public var outageSample = 1_000
    /// The longest wait between two probes of an outage; the first is ``firstBackoffMillis``.
    public var longestProbeMillis: Int64 = 30_000

    public init() {}
}

/// A record's place in `legacy-writes`, and the lane it belongs to.
public struct LaneRecord: Sendable, Equatable {
    public var lane: ConversationID
    public var position: Position

    public init(lane: ConversationID, position: Position) {
        self.lane = lane
        self.position = position
    }
}

/// Why the head of a lane was not applied.
public struct LaneFailure: Sendable, Equatable {
    public enum Class: UInt8, Sendable, CaseIterable {
        /// May go well later: a server that is away, a lock.
        case transient = 0
        /// Never goes well as it is: a record that cannot be decoded or translated.
        case permanent = 1
        /// Nobody knows; tried a few times.
        case unknown = 2

        /// The word that rows, JSON and metrics use.
        public var name: String { String(describing: self) }
    }

    public var kind: Class
    /// What happened, without content. At most 1 KiB is kept.
    public var cause: String

    public init(_ kind: Class, _ cause: String) {
        self.kind = kind
        self.cause = cause
    }
}
