public import EventLog
public import Projection

/// What bounds a rebuild and says what it may do.
public struct ReplayOptions: Sendable {
    public enum Purpose: Sendable {
        /// Make the rebuilt generation the active one.
        case swap
        /// Only compare, and remove it.
        case verify
    }
    public var purpose = Purpose.swap
    /// Whether a new generation is loaded by ranges of keys (``BulkRebuild``) and not projected record by record.
    public var isBulk = true
    /// What a bulk rebuild keeps of the log in memory and uses for folding, together; beside it a store has its cache.
    public var memoryBytes = 512 << 20
    /// Records folded as one batch.
    public var bucketRecords: Int { fixedBucketRecords ?? max(4_096, min(65_536, memoryBytes / 2 / 4_096)) }
    /// For tests: buckets of so many records.
    public var fixedBucketRecords: Int?
    /// Records a second at most; `nil`: as fast as it goes.
    public var recordsPerSecond: Int?
    /// While the live view is behind the log by more than this, the rebuild waits; `nil`: it never waits.
    public var yieldAboveSeconds: Double? = 10
    /// Swap although the two differ, for this reason.
    public var accept: String?
    /// Differences given one by one; the others are only counted.
    public var shownDifferences: Int64 = 1_000
    /// Swap only when the live view is no further ahead than this: what remains is applied while it may not write.
    public var recordsAtSwap: Int64 = 2_000

    /// Rebuild and compare only these rows; for verifying alone, with the sample's log as the log.
    public var sample: SampledView?
    /// What is applied before the log.
    public var baseline: Baseline?

    public init() {}
}

/// How far a rebuild is.
public struct ReplayProgress: Sendable {
    public enum Phase: String, Sendable {
        case reading
        case folding
        case indexing
        case projecting
        case waiting
        case comparing
        case swapping
    }
    public var phase: Phase
    public var generation: Int64
    /// Records of the log that are done, of how many.
    public var done: Int64
    public var total: Int64
    /// Bytes of the generation on disk.
    public var bytes: Int64

    public init(phase: Phase, generation: Int64, done: Int64, total: Int64, bytes: Int64) {
        self.phase = phase
        self.generation = generation
        self.done = done
        self.total = total
        self.bytes = bytes
    }
}

/// What a replay came to.
public struct ReplayAnswer: Sendable {
    public enum Outcome: String, Sendable {
        /// The new generation is the active one.
        case swapped
        /// The two differ: the new generation waits for a reason.
        case differs
        /// Compared only, and equal.
        case equal
        /// Built as it was at a moment, in files of its own (``PastView``).
        case built
    }
    public var view: ProjectionName
    public var generation: Int64
    public var outcome: Outcome
    /// Compared only: the rebuilt generation is gone.
    public var isVerification: Bool
    /// Records read for this, and what it took.
    public var records: Int64
    public var seconds: Double
    /// `nil` when there was no active view to compare with.
    public var comparison: ComparisonResult?
    /// The reason given for a swap in spite of differences.
    public var accepted: String?
    /// What the new generation could not apply, in order.
    public var undecodable: [UndecodableRecord]
    /// What the live view parked although it can be applied, in order.
    public var parkedOnlyLive: [UndecodableRecord]
    /// Where both stood when they were compared.
    public var positions: [TopicPartition: Int64]
    /// Bytes of memory that it might use by its options, beside the store's cache, and the most that the process held.
    public var memoryBytes = 0
    public var peakBytes: Int64 = 0
}

/// A record that cannot be decoded, and parks its conversation.
public struct UndecodableRecord: Sendable, Equatable {
    public var position: Position
    public var reason: String
    /// Whether the live view has parked it, too.
    public var isParkedLive: Bool

    public init(position: Position, reason: String, isParkedLive: Bool) {
        self.position = position
        self.reason = reason
        self.isParkedLive = isParkedLive
    }
}
