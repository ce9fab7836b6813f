import EventLog
import Messaging
import Projection
import Simulation
import TestSupport
import ViewStorage
import Wire

/// A log with made-up records in it, and what the views of it must hold.
struct ProjectedLog {
    let log: any EventLog

    init(_ log: any EventLog) { self.log = log }

    /// In memory, with few partitions; the clock stands still until it is set.
    static func inMemory(_ clock: ManualClock = ManualClock(micros: 1_000)) -> ProjectedLog {
        ProjectedLog(
            InMemoryLog(
                partitionCounts: PartitionCounts(conversationCommands: 3, memberCommands: 2), clock: clock.clock))
    }

    /// Appends records where their keys belong.
    func append(_ records: some Sequence<Record>) throws {
        var batch = AppendBatch()
        for record in records {
            let topic: Topic = record.command.isPersonal ? .memberCommands : .conversationCommands
            let partition = Partitioner.partition(of: record.key, count: log.partitionCounts[topic])
            try batch.add(to: TopicPartition(topic, partition), keyHigh: record.key.high, keyLow: record.key.low) {
                try RecordCodec.encode(record, into: &$0)
            }
        }
        _ = try log.append(batch)
    }

    /// All that is in the log and can be read.
    func records() throws -> [LoggedRecord] {
        var found: [LoggedRecord] = []
        for partition in log.partitionCounts.all {
            let batch = try log.read(partition, from: 0, maxRecords: 100_000, maxBytes: 1 << 30)
            batch.forEachRecord { entry in
                guard let record = try? RecordCodec.decode(entry.value) else { return }
                found.append(
                    LoggedRecord(
                        record: record, partition: partition.partition, offset: entry.offset,
                        appendTime: entry.appendTime))
            }
        }
        return found
    }

    /// Throws unless a view holds what the model says of the log's records, or of those that `isApplied` names.
    func require(
        _ store: any ViewStore, _ what: String, where isApplied: (LoggedRecord) -> Bool = { _ in true }
    ) throws {
        let model = ReferenceModel(try records().filter(isApplied))
        let expected = store.projection == .shared ? model.sharedRows : model.personalRows
        let layouts = store.projection == .shared ? ViewLayouts.shared : ViewLayouts.personal
        let found = try ViewRows(store, layouts)
        try TestSupport.require(found == expected, "\(what):\n\(found.differences(from: expected))")
    }

    /// A projector that reads few records at a time.
    func projector(
        _ store: any ViewStore, owner: LeaseOwner = LeaseOwner(text: "test"), batchRecords: Int = 7,
        suspectRecords: Int = 512, leaseMicros: Int64 = 10_000_000,
        observe: @escaping (Projector.Event) -> Void = { _ in }
    ) -> Projector {
        var limits = ProjectorLimits()
        limits.batchRecords = batchRecords
        limits.suspectRecords = suspectRecords
        limits.leaseMicros = leaseMicros
        return Projector(log: log, store: store, owner: owner, limits: limits, observe: observe)
    }
}

/// A store whose process may die: before or after a batch is applied. A dead one answers nothing any more.
final class MortalStore: ViewStore {
    struct Death: Error {}

    let store: any ViewStore
    /// Asked before each batch whether to die now, and after it.
    var diesBefore: (ProjectionBatch) -> Bool = { _ in false }
    var diesAfter: (ProjectionBatch) -> Bool = { _ in false }
    private(set) var isDead = false
    /// How many records each batch had that was applied.
    private(set) var applied: [Int] = []

    init(_ store: any ViewStore) { self.store = store }

    var projection: ProjectionName { store.projection }

    private func living<Result>(_ body: () throws -> Result) throws -> Result {
        if isDead { throw Death() }
        return try body()
    }

    func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        try living { try store.claim(partitions, owner: owner, leaseMicros: leaseMicros) }
    }

    func release(owner: LeaseOwner) throws { try living { try store.release(owner: owner) } }
    func positions() throws -> [TopicPartition: Int64] { try living { try store.positions() } }
    func attempts() throws -> [Attempt] { try living { try store.attempts() } }

    func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        try living { try store.begin(attempts, epochs: epochs) }
    }

    func apply(_ batch: ProjectionBatch) throws -> BatchReport {
        try living {
            if diesBefore(batch) { try die() }
            let report = try store.apply(batch)
            applied.append(batch.items.count)
            if diesAfter(batch) { try die() }
            return report
        }
    }

    private func die() throws {
        isDead = true
        throw Death()
    }
}

extension ProjectionBatch {
    /// Whether it would apply this record; a parked one is not applied.
    func applies(_ wanted: LoggedRecord) -> Bool {
        items.contains { if case .record(let logged) = $0 { logged == wanted } else { false } }
    }
}
