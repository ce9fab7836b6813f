public import EventLog
public import Messaging

/// What to store in one transaction: a consistent state of position and parked records.
public struct LaneChanges: Sendable, Equatable {
    /// Next offset by partition; only those that moved.
    public var positions: [TopicPartition: Int64] = [:]
    /// Newly parked, in the order of each lane.
    public var parked: [LaneRecord] = []
    /// Parked before, applied or skipped since.
    public var removed: [LaneRecord] = []
    /// Skipped by an operator: kept, so that they are not attempted again when they are read again.
    public var skipped: [LaneRecord] = []
    /// Lanes with parked records whose state changed, by id.
    public var lanes: [StoredLane] = []
    /// Lanes that have no parked records any more, by id.
    public var goneLanes: [ConversationID] = []

    public init() {}

    public var isEmpty: Bool {
        positions.isEmpty && parked.isEmpty && removed.isEmpty && skipped.isEmpty && lanes.isEmpty
            && goneLanes.isEmpty
    }
}

/// What a store gives back after a restart.
public struct StoredLanes: Sendable {
    /// Next offset by partition.
    public var positions: [TopicPartition: Int64] = [:]
    public var lanes: [StoredLane] = []
    /// Ordered by lane, then position.
    public var parked: [LaneRecord] = []
    /// Skipped records at or above their partition's position.
    public var skipped: Set<Position> = []

    public init() {}
}
