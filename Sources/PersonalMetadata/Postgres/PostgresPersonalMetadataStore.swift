public import EventLog
public import Messaging
public import Postgres
public import Projection
public import ViewStorage

/// The personal-metadata view in PostgreSQL, as a projector writes it.
///
/// A batch takes four to six round trips: fence, two to four loads, write; of a long one, each table's rows are written once
/// they are known. Batches of all projectors of the view come one after another; the first after another projector's loads
/// everything anew.
/// Threads: one at a time, as its connection.
public final class PostgresPersonalMetadataStore: ViewStore {
    public let projection = ProjectionName.personal
    public let database: PostgresViewDatabase
    private var fold: PersonalFold
    private let loader = PostgresPersonalLoader()
    private let writer = PostgresPersonalWriter()

    /// Connects, making or migrating the schema as needed and allowed.
    /// - Parameters:
    ///   - generation: the one to write; `nil`: the active one, as long as it is that.
    ///   - cachedRows: how many rows to keep in memory between batches.
    ///   - longBatch: how many records make a batch a long one.
    /// - Throws: `ProjectionError`.
    public init(
        address: PostgresAddress, generation: Int64? = nil, cachedRows: Int = PersonalFold.defaultCachedRows,
        longBatch: Int = PostgresViewDatabase.longBatch
    ) throws {
        fold = PersonalFold(cachedRows: cachedRows)
        database = try PostgresViewDatabase(
            address, definition: PersonalMetadataSchema.postgres, access: .project, generation: generation,
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
        do {
            let report = try database.apply(batch) { transaction, records, report in
                if transaction.isStale { fold.reset() }
                var needs = PersonalNeeds()
                for record in records { needs.add(record.record) }
                try loader.load(
                    needs, database.novelty, assumingNewIDs: transaction.assumesNewIDs, transaction.connection,
                    into: &fold)
                // Commands of members, the last of a batch that was read from the log, change no conversation.
                let members = records.lastIndex { !$0.record.command.isPersonal }.map { $0 + 1 } ?? 0
                for record in records[..<members] { report.count(fold.apply(record)) }
                if transaction.assumesNewIDs, fold.conversations.changes.hasRejectedNewMessages {
                    throw PostgresViewDatabase.Doubt()
                }
                try writer.writeConversations(fold, to: transaction.sink)
                for record in records[members...] { report.count(fold.apply(record)) }
                try writer.writeMembers(fold, to: transaction.sink)
                // The statements hold it all; should one fail, everything is forgotten.
                fold.endBatch()
            }
            return report
        } catch {
            fold.reset()
            throw error
        }
    }
}
