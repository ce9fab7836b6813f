import EventLog
import Messaging
import Projection

/// Applies a baseline to a new generation: conversations first, then members, each block in one transaction.
///
/// A partition's position tells how far it is: that of the next record, which is below 0 where records never were in a log;
/// where the log goes on once the file is done. So an interrupted one goes on where it was.
struct BaselineReplay {
    private static let owner = LeaseOwner(text: "baseline")
    private static let leaseMicros: Int64 = 24 * 3_600_000_000
    /// Its position says which baseline is being applied, by a number below 0, and is 0 once one was: no partition that a
    /// view is built from.
    private static let marker = TopicPartition(.legacyWrites, 1)

    private let baseline: Baseline
    private let store: any ViewStore
    private let log: any EventLog
    private let shouldStop: () -> Bool
    private let applied: (Int) -> Void

    init(
        _ baseline: Baseline, _ store: any ViewStore, log: any EventLog, shouldStop: @escaping () -> Bool,
        applied: @escaping (Int) -> Void
    ) {
        self.baseline = baseline
        self.store = store
        self.log = log
        self.shouldStop = shouldStop
        self.applied = applied
    }

    func run() throws {
        let positions = try store.positions()
        let partitions = store.projection.topics.flatMap(log.partitionCounts.partitions(of:)).filter {
            positions[$0] ?? .min < baseline.next[$0] ?? 0
        }
        if positions[Self.marker] == 0 { return }
        for partition in partitions { try checkLog(goesOn: partition) }
        let epochs = try store.claim(
            [Self.marker] + partitions, owner: Self.owner, leaseMicros: Self.leaseMicros)
        try begin(positions, epochs)
        for partition in partitions { try apply(partition, from: positions[partition], epochs) }
        try apply([], of: Self.marker, from: number, to: 0, epochs)
        try store.release(owner: Self.owner)
    }

    /// A number of this baseline, below 0.
    private var number: Int64 { -1 - Int64(baseline.set.low >> 2) }

    /// Notes which baseline it is; what was begun with another one, or with none, cannot go on with this one.
    private func begin(_ positions: [TopicPartition: Int64], _ epochs: [TopicPartition: Int64]) throws {
        if positions[Self.marker] == number { return }
        guard positions.isEmpty else {
            throw ReplayError(
                .invalid,
                "\(baseline.directory): a generation was begun without this baseline: run `parley replay prune`, and begin "
                    + "again")
        }
        try apply([], of: Self.marker, from: 0, to: number, epochs)
    }

    /// Between the baseline and the log nothing may be missing.
    private func checkLog(goesOn partition: TopicPartition) throws {
        let (start, end) = (try log.startOffset(of: partition), try log.endOffset(of: partition))
        let next = baseline.next[partition] ?? 0
        guard start <= next, next <= end else {
            throw ReplayError(
                .incompatible,
                "\(baseline.directory): \(partition) ends at \(next) in the baseline, and the log has it from \(start) to "
                    + "\(end): records are missing, or this is the baseline of another log")
        }
    }

    private func apply(_ partition: TopicPartition, from stored: Int64?, _ epochs: [TopicPartition: Int64]) throws {
        let next = baseline.next[partition] ?? 0
        var place = stored ?? 0
        let reader = try baseline.reader(of: partition)
        while let block = try reader.next() {
            if shouldStop() { throw ReplayError.interrupted }
            let due = block.filter { record in stored.map { record.offset >= $0 } ?? true }
            guard let last = due.last else { continue }
            try apply(due, of: partition, from: place, to: last.offset + 1, epochs)
            place = last.offset + 1
        }
        try apply([], of: partition, from: place, to: next, epochs)
    }

    private func apply(
        _ records: [BaselineRecord], of partition: TopicPartition, from place: Int64, to end: Int64,
        _ epochs: [TopicPartition: Int64]
    ) throws {
        var batch = ProjectionBatch()
        for record in records {
            record.key.withUnsafeBytes { key in
                record.value.withUnsafeBytes { value in
                    batch.items.append(
                        ProjectionBatch.Item(
                            LogBatch.Record(
                                offset: record.offset, appendTime: record.appendTime, key: key, value: value),
                            of: partition))
                }
            }
        }
        batch.moves[partition] = ProjectionBatch.Move(from: place, to: end)
        batch.epochs = epochs
        _ = try store.apply(batch)
        applied(records.count)
    }
}
