import EventLog
import Messaging
import Projection
import ViewStorage

/// Builds a generation from the log by ranges of keys: the records of some conversations (then of some members) are read
/// from wherever they stand, applied as one batch, and their rows are written once, in the order of the tables' keys, while
/// secondary indexes are made last.
///
/// It is right because nothing but the order within a conversation and within a member matters to the folds. Each batch
/// (a page) is one transaction of the store, with its number: kept as the position of a topic that no view is built from,
/// so that a page is applied once, whatever happens.
final class BulkRebuild {
    /// The page's number is the position of this partition.
    private static let marker = TopicPartition(.legacyWrites, 0)
    private static let owner = LeaseOwner(text: "bulk rebuild")
    private static let leaseMicros: Int64 = 24 * 3_600_000_000
    /// What the personal view's records of members look up: made before these are applied.
    private static let lookups: Set<String> = ["message_ref_by_id", "participant_pkey"]

    private let log: any EventLog
    private let store: any ViewStore
    private let loading: any BulkLoading
    private let options: ReplayOptions
    private let directory: String
    private let shouldStop: @Sendable () -> Bool
    private let observe: (ReplayProgress.Phase, _ done: Int64, _ total: Int64) -> Void
    /// Whether somebody is live on what is rebuilt.
    private let isBesideLive: () -> Bool
    private var epochs: [TopicPartition: Int64] = [:]
    private var note = BulkNote(bounds: [:], cuts: [:], pieceRecords: 0)
    /// The next page to be applied.
    private var page: Int64 = 0
    /// Pages passed so far, applied now or before.
    private var passed: Int64 = 0
    private var done: Int64 = 0
    private var total: Int64 = 0

    /// - Parameter directory: where records are kept that do not fit in memory.
    init(
        log: any EventLog, store: any ViewStore, loading: any BulkLoading, options: ReplayOptions, directory: String,
        shouldStop: @escaping @Sendable () -> Bool, isBesideLive: @escaping () -> Bool,
        observe: @escaping (ReplayProgress.Phase, _ done: Int64, _ total: Int64) -> Void
    ) {
        self.log = log
        self.store = store
        self.loading = loading
        self.options = options
        self.directory = directory
        self.shouldStop = shouldStop
        self.isBesideLive = isBesideLive
        self.observe = observe
    }

    /// Builds the view up to the bounds, or goes on with what was begun, which has bounds of its own.
    func run(to bounds: [TopicPartition: Int64]) throws {
        note = try plan(bounds)
        if let begun = try loading.beginLoading(note.bytes) { note = try BulkNote(begun) }
        total = note.bounds.values.reduce(0, +)
        epochs = try store.claim(
            [Self.marker] + note.bounds.keys, owner: Self.owner, leaseMicros: Self.leaseMicros)
        page = try store.positions()[Self.marker] ?? 0
        var giants: [(Topic, [RecordBucket])] = []
        for topic in store.projection.topics {
            if topic == .memberCommands { try index(Self.lookups) }
            loading.novelty = topic == .memberCommands ? .members : .conversations
            giants.append((topic, try load(topic)))
        }
        loading.novelty = .unknown
        try index(nil)
        for (topic, buckets) in giants { for bucket in buckets { try applyGiant(bucket, topic) } }
        try finish()
        try store.release(owner: Self.owner)
        if isBesideLive() { try loading.writeOut() }
        try loading.endLoading()
    }

    private func plan(_ bounds: [TopicPartition: Int64]) throws -> BulkNote {
        let sample = KeySample(
            log: log, bucketRecords: options.bucketRecords, giantRecords: options.bucketRecords * 4)
        var cuts: [Topic: BulkNote.Cuts] = [:]
        for topic in store.projection.topics {
            cuts[topic] = try sample.cuts(bounds.filter { $0.key.topic == topic })
        }
        return BulkNote(bounds: bounds, cuts: cuts, pieceRecords: options.bucketRecords)
    }

    private func index(_ names: Set<String>?) throws {
        observe(.indexing, done, total)
        try loading.makeIndexes(names)
    }

    /// Applies a topic's buckets that were not yet.
    /// - Returns: its giants.
    private func load(_ topic: Topic) throws -> [RecordBucket] {
        let cuts = note.cuts[topic] ?? BulkNote.Cuts(cuts: [], giants: [])
        let first = Int(min(max(0, page - passed), Int64(cuts.bucketCount)))
        if first == cuts.bucketCount && cuts.giants.isEmpty {
            passed += Int64(cuts.bucketCount)
            return []
        }
        let reader = BucketReader(
            log: log, topic: topic, cuts: cuts, bounds: note.bounds, firstBucket: first, shouldStop: shouldStop,
            observe: { _ in })
        observe(.reading, done, total)
        let buckets = try reader.read(memoryBytes: options.memoryBytes / 2, directory: directory)
        passed += Int64(first)
        for index in first..<cuts.bucketCount {
            try apply(Self.items(try buckets[index].take(), topic))
        }
        return Array(buckets[cuts.bucketCount...])
    }

    /// A giant's records in pieces, in order: what is stored of it is loaded again for each.
    private func applyGiant(_ bucket: RecordBucket, _ topic: Topic) throws {
        let items = try Self.items(try bucket.take(), topic)
        for start in stride(from: 0, to: items.count, by: note.pieceRecords) {
            try apply(Array(items[start..<min(items.count, start + note.pieceRecords)]))
        }
    }

    private static func items(_ bytes: [UInt8], _ topic: Topic) throws -> [ProjectionBatch.Item] {
        var items: [ProjectionBatch.Item] = []
        try RecordBucket.forEach(in: bytes, of: topic) { entry, partition in
            let item = ProjectionBatch.Item(entry, of: partition)
            if case .record(let logged) = item, Identifier(key: entry.key) != logged.record.key {
                throw BulkUnsuitable(position: Position(partition, logged.offset))
            }
            items.append(item)
        }
        return items
    }

    /// Applies one page, unless it was before.
    private func apply(_ items: [ProjectionBatch.Item], moves: [TopicPartition: Int64] = [:]) throws {
        defer {
            passed += 1
            done += Int64(items.count)
        }
        guard passed >= page else { return }
        if shouldStop() { throw ReplayError.interrupted }
        var batch = ProjectionBatch()
        batch.items = items
        for (partition, bound) in moves { batch.moves[partition] = ProjectionBatch.Move(from: 0, to: bound) }
        batch.moves[Self.marker] = ProjectionBatch.Move(from: passed, to: passed + 1)
        for partition in batch.moves.keys { batch.epochs[partition] = epochs[partition] }
        _ = try store.apply(batch)
        if isBesideLive() { try loading.writeOut() }
        observe(.folding, done + Int64(items.count), total)
    }

    /// Everything is in: the positions say so.
    private func finish() throws { try apply([], moves: note.bounds.filter { $0.value > 0 }) }
}

/// A record stands under a key that is not its own: ranges of keys are then no ranges of conversations.
struct BulkUnsuitable: Error {
    var position: Position
}
