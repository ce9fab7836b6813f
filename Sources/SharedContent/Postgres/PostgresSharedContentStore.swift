public import EventLog
public import Messaging
public import Postgres
public import Projection
public import ViewStorage

/// The shared-content view in PostgreSQL, as a projector writes it.
///
/// A batch takes three round trips: fence, load, write; of a long one, each table's rows are written once they are known.
/// What the fold keeps between batches is good as long as the epochs of the partitions are those it was kept under: nobody
/// else writes a partition's conversations under its epoch.
/// Threads: one at a time, as its connection.
public final class PostgresSharedContentStore: ViewStore {
    public let projection = ProjectionName.shared
    public let database: PostgresViewDatabase
    private var fold: ConversationFold
    private var epochs: [TopicPartition: Int64] = [:]
    private let loader = PostgresSharedContentLoader()
    private let writer = PostgresSharedContentWriter()

    /// Connects, making or migrating the schema as needed and allowed.
    /// - Parameters:
    ///   - generation: the one to write; `nil`: the active one, as long as it is that.
    ///   - cachedRows: how many rows to keep in memory between batches.
    ///   - longBatch: how many records make a batch a long one.
    /// - Throws: `ProjectionError`.
    public init(
        address: PostgresAddress, generation: Int64? = nil, cachedRows: Int = ConversationFold.defaultCachedRows,
        longBatch: Int = PostgresViewDatabase.longBatch
    ) throws {
        fold = ConversationFold(scope: .shared, cachedRows: cachedRows)
        database = try PostgresViewDatabase(
            address, definition: SharedContentSchema.postgres, access: .project, generation: generation,
            longBatch: longBatch)
    }

    public func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        try database.claim(partitions, owner: owner, leaseMicros: leaseMicros)
    }

    public func release(owner: LeaseOwner) throws { try database.release(owner: owner) }
    public func positions() throws -> [TopicPartition: Int64] { try database.positions() }
    public func attempts() throws -> [Attempt] { try database.attempts() }
    public func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        try database.begin(attempts, epochs: epochs)
    }

    public func apply(_ batch: ProjectionBatch) throws -> BatchReport {
        if batch.epochs.contains(where: { epochs[$0.key] ?? $0.value != $0.value }) { fold.reset() }
        do {
            let report = try database.apply(batch) { transaction, records, report in
                if transaction.isStale { fold.reset() }
                let needs = ConversationNeeds(records)
                if database.novelty == .conversations {
                    fold.loadAsNew(needs)
                } else {
                    try loader.load(
                        needs, assumingNewIDs: transaction.assumesNewIDs, transaction.connection, into: &fold)
                }
                for record in records { report.count(fold.apply(record)) }
                if transaction.assumesNewIDs, fold.changes.hasRejectedNewMessages { throw PostgresViewDatabase.Doubt() }
                try writer.write(fold, to: transaction.sink)
                // The statements hold it all; should one fail, everything is forgotten.
                fold.endBatch()
            }
            epochs.merge(batch.epochs) { $1 }
            return report
        } catch {
            fold.reset()
            epochs = [:]
            throw error
        }
    }
}
