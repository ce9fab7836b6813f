public import EventLog
public import Messaging
public import Projection
import SQLite
public import ViewStorage

/// The personal-metadata view in a SQLite file, as a projector writes it.
///
/// Threads: one at a time, as its connection.
public final class SQLitePersonalMetadataStore: ViewStore {
    public let projection = ProjectionName.personal
    public let database: ViewDatabase
    private var fold: PersonalFold
    private let loader: PersonalLoader
    private let writer: PersonalWriter

    /// Opens the file, making or migrating it as needed.
    /// - Parameters:
    ///   - generation: the one to write; `nil`: the active one, as long as it is that.
    ///   - cachedRows: how many rows to keep in memory between batches.
    /// - Throws: `ProjectionError`.
    public init(
        path: String, generation: Int64? = nil, cachedRows: Int = PersonalFold.defaultCachedRows
    ) throws {
        fold = PersonalFold(cachedRows: cachedRows)
        database = try ViewDatabase(
            path, definition: PersonalMetadataSchema.definition, access: .project, generation: generation)
        let connection = database.connection
        (loader, writer) = try database.explaining { (try PersonalLoader(connection), try PersonalWriter(connection)) }
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
            let report = try database.apply(batch) { records, report in
                if try database.changedByOthers() { fold.reset() }
                var needs = PersonalNeeds()
                for record in records { needs.add(record.record) }
                try loader.load(needs, database.novelty, into: &fold)
                for record in records { report.count(fold.apply(record)) }
                try writer.write(fold)
            }
            fold.endBatch()
            return report
        } catch {
            fold.reset()
            throw error
        }
    }
}
