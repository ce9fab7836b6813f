public import EventLog
public import Messaging

/// Where one view lives, as the projector sees it: positions, leases, and one transaction per batch.
///
/// Threads: a store belongs to one projector and is used from one thread at a time; it blocks.
public protocol ViewStore: AnyObject {
    /// `shared` or `personal`.
    var projection: ProjectionName { get }

    /// Takes every partition that nobody owns, whose lease ran out, or whose owner is known to be dead; renews those
    /// already owned. Each taking raises the partition's epoch.
    /// - Returns: all partitions owned now, with their epochs.
    func claim(_ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64) throws -> [TopicPartition: Int64]

    /// Gives up what this owner holds, so that others need not wait for the lease to run out.
    func release(owner: LeaseOwner) throws

    /// The next offset of every partition ever projected; one that is missing starts at the log's beginning.
    func positions() throws -> [TopicPartition: Int64]

    /// What was about to be applied when a projector died; empty after a clean stop.
    func attempts() throws -> [Attempt]

    /// Persists what is about to be applied, before it is; in place of what was persisted for these partitions before.
    /// - Parameter epochs: those under which the partitions are owned.
    /// - Throws: `ProjectionError` with code `fenced` when another projector has taken one of the partitions; nothing is
    ///   persisted then.
    func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws

    /// Applies a batch in one transaction: rows, rejections, orphans, parked records, positions, attempts, and the check
    /// that every epoch is still current. When it throws, nothing of the batch is in the view.
    /// - Throws: `ProjectionError` with code `fenced` when another projector has taken one of the partitions.
    func apply(_ batch: ProjectionBatch) throws -> BatchReport
}

/// Which view is built.
public enum ProjectionName: String, Sendable, CaseIterable {
    case shared
    case personal

    /// The topics the view is built from.
    public var topics: [Topic] {
        switch self {
        case .shared: [.conversationCommands]
        case .personal: [.conversationCommands, .memberCommands]
        }
    }
}

/// Who owns a lease: a text that names host, boot and process, so that a dead owner on the same machine is recognised.
public struct LeaseOwner: Hashable, Sendable, CustomStringConvertible {
    public var text: String
    public init(text: String) { self.text = text }
    public var description: String { text }
}

/// A range of a partition that is being applied, kept so that what kills projectors is found (``Projector``).
public struct Attempt: Sendable, Equatable {
    public var partition: TopicPartition
    public var from: Int64
    public var until: Int64
    /// How often this one record was being applied alone when a projector died; 0 while the range is a whole batch,
    /// ``ofSmallBatch`` while it is a small part of one that a dead projector left.
    public var deaths: Int32
    public static let ofSmallBatch: Int32 = -1

    public init(partition: TopicPartition, from: Int64, until: Int64, deaths: Int32) {
        self.partition = partition
        self.from = from
        self.until = until
        self.deaths = deaths
    }
}

/// Records of one or more partitions, in the order of each, with where reading goes on.
public struct ProjectionBatch: Sendable {
    public enum Item: Sendable {
        case record(LoggedRecord)
        /// Cannot be applied: it parks the conversation (or member) it is keyed by.
        case unreadable(UnreadableRecord)
    }
    public var items: [Item] = []
    /// Where each partition stands before and after the batch.
    public var moves: [TopicPartition: Move] = [:]
    /// The epoch under which each partition of the batch is owned.
    public var epochs: [TopicPartition: Int64] = [:]

    public struct Move: Sendable, Equatable {
        public var from: Int64
        public var to: Int64
        public init(from: Int64, to: Int64) {
            self.from = from
            self.to = to
        }
    }

    public init() {}
}

/// A record that is kept, with its reason, instead of being applied.
public struct UnreadableRecord: Sendable, Equatable {
    public var partition: TopicPartition
    public var offset: Int64
    public var appendTime: Int64
    public var key: [UInt8]
    public var value: [UInt8]
    public var reason: String
    /// The reason of a readable record that waits behind a parked one of its lane.
    public static let behind = "behind a parked record"

    public init(
        partition: TopicPartition, offset: Int64, appendTime: Int64, key: [UInt8], value: [UInt8], reason: String
    ) {
        self.partition = partition
        self.offset = offset
        self.appendTime = appendTime
        self.key = key
        self.value = value
        self.reason = reason
    }
}

/// What became of a batch, counted.
public struct BatchReport: Sendable, Equatable {
    public var accepted = 0
    public var duplicate = 0
    public var orphaned = 0
    public var rejected = 0
    public var parked = 0

    public init() {}

    public var records: Int { accepted + duplicate + orphaned + rejected + parked }

    public mutating func count(_ outcome: Outcome) {
        switch outcome {
        case .accepted: accepted += 1
        case .duplicate: duplicate += 1
        case .orphaned: orphaned += 1
        case .rejected: rejected += 1
        }
    }

    public mutating func add(_ other: BatchReport) {
        accepted += other.accepted
        duplicate += other.duplicate
        orphaned += other.orphaned
        rejected += other.rejected
        parked += other.parked
    }
}
