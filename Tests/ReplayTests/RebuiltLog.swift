import EventLog
import Messaging
import PersonalMetadata
import Postgres
import Projection
import Replay
import SQLite
import SharedContent
import Simulation
import TestSupport
import ViewStorage
import Wire

/// A log with a random history in it, and both views of it: in the files of a directory, or where `StoreKind.current` says.
final class RebuiltLog: Sendable {
    let log: InMemoryLog
    let clock: ManualClock
    let directory: String
    /// Where the views are when not in files of the directory.
    private let database: String?

    /// - Parameter partitions: of each topic.
    init(in directory: String, partitions: Int32 = 3) throws {
        self.directory = directory
        database = StoreKind.current == .postgres ? try PostgresServer.shared().makeDatabase() : nil
        clock = ManualClock(micros: 1_000)
        log = InMemoryLog(
            partitionCounts: PartitionCounts(conversationCommands: partitions, memberCommands: partitions),
            clock: clock.clock)
    }

    deinit {
        if let database, let server = try? PostgresServer.shared() { server.dropDatabase(database) }
    }

    /// The database of the views; `nil` when they are in files.
    func address() throws -> PostgresAddress? {
        try database.map { try PostgresServer.shared().address($0) }
    }

    /// Appends a history's records where their keys belong, at their times.
    func append(_ records: [LoggedRecord]) throws {
        for logged in records {
            clock.set(micros: max(clock.clock.nowMicros(), logged.appendTime))
            let record = logged.record
            try append(key: record.key, personal: record.command.isPersonal) {
                try RecordCodec.encode(record, into: &$0)
            }
        }
    }

    /// Appends bytes that are no record, under a key.
    func appendJunk(key: Identifier, personal: Bool) throws {
        try append(key: key, personal: personal) { $0.append(contentsOf: [0xff, 0x00, 0x13]) }
    }

    private func append(key: Identifier, personal: Bool, _ encode: (inout [UInt8]) throws -> Void) throws {
        let topic: Topic = personal ? .memberCommands : .conversationCommands
        let partition = Partitioner.partition(of: key, count: log.partitionCounts[topic])
        var batch = AppendBatch()
        try batch.add(to: TopicPartition(topic, partition), keyHigh: key.high, keyLow: key.low, encode: encode)
        _ = try log.append(batch)
    }

    func path(_ view: ProjectionName) -> String { "\(directory)/\(view.rawValue).sqlite" }

    func generations(_ view: ProjectionName) throws -> any ViewGenerations {
        guard let address = try address() else { return SQLiteViewGenerations(view, path: path(view)) }
        return PostgresViewGenerations(view, address: address, workDirectory: directory)
    }

    /// Opens the store of the active generation, as a projector does.
    func store(_ view: ProjectionName, cachedRows: Int = 100_000) throws -> any ViewStore {
        if let address = try address() {
            return switch view {
            case .shared: try PostgresSharedContentStore(address: address, cachedRows: cachedRows)
            case .personal: try PostgresPersonalMetadataStore(address: address, cachedRows: cachedRows)
            }
        }
        return switch view {
        case .shared: try SQLiteSharedContentStore(path: path(view), cachedRows: cachedRows)
        case .personal: try SQLitePersonalMetadataStore(path: path(view), cachedRows: cachedRows)
        }
    }

    /// Projects up to the log's end, a few records at a time.
    func project(_ view: ProjectionName, batchRecords: Int = 1_000) throws {
        var limits = ProjectorLimits()
        limits.batchRecords = batchRecords
        let projector = Projector(
            log: log, store: try store(view), owner: LeaseOwner(text: "live \(view)"), limits: limits)
        _ = try projector.catchUp()
    }

    func replay(
        _ view: ProjectionName, _ options: ReplayOptions = ReplayOptions(),
        shouldStop: @escaping @Sendable () -> Bool = { false }
    ) throws -> (answer: ReplayAnswer, differences: [RowDifference]) {
        var differences: [RowDifference] = []
        let replay = ViewReplay(
            log: log, generations: try generations(view), options: options, shouldStop: shouldStop)
        let answer = try replay.run { differences.append($0) }
        return (answer, differences)
    }

    /// Every row of every table of a generation, columns that only serve the store too.
    func rows(_ view: ProjectionName, generation: Int64? = nil) throws -> [String: [[StoredValue]]] {
        let generations = try generations(view)
        let source = try generations.rows(of: try generation ?? generations.active())
        var tables: [String: [[StoredValue]]] = [:]
        for table in source.tables {
            let cursor = try source.cursor(table, columns: table.columns, ordered: true)
            var rows: [[StoredValue]] = []
            while try cursor.next() { rows.append(try table.columns.indices.map { try cursor.value($0) }) }
            tables[table.name] = rows
        }
        return tables
    }

    /// Every table, index and key of a generation as the store itself describes them, in order.
    func structure(_ view: ProjectionName, generation: Int64) throws -> [String] {
        var found: [String] = []
        guard let address = try address() else {
            let connection = try Connection(SQLiteGenerations(path(view)).file(of: generation), access: .readWrite)
            let query = try connection.prepare(
                "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'generation%'"
            )
            try query.forEachRow { found.append(query.text(0)) }
            return found.sorted()
        }
        let schema = PostgresGenerations("parley_\(view.rawValue)").schema(of: generation)
        let rows = try PostgresConnection(address).query(
            """
            SELECT replace(indexdef, '\(schema).', '') FROM pg_indexes
            WHERE schemaname = '\(schema)' AND tablename NOT LIKE 'generation%'
            UNION ALL SELECT t.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
            FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
            WHERE k.connamespace = '\(schema)'::regnamespace AND t.relname NOT LIKE 'generation%'
            """)
        for row in 0..<rows.count { found.append(rows.text(row, 0)) }
        return found.sorted()
    }

    /// Changes the active generation behind the projector's back; in the words of SQLite.
    func damage(_ view: ProjectionName, _ sql: String) throws {
        let active = try generations(view).active()
        guard let address = try address() else {
            return try Connection(SQLiteGenerations(path(view)).file(of: active), access: .readWrite).execute(sql)
        }
        let nobody = "'00000000-0000-0000-0000-000000000000'::uuid"
        let schema = PostgresGenerations("parley_\(view.rawValue)").schema(of: active)
        try PostgresConnection(address).execute(
            "SET search_path = \(schema); \(sql.replacing("zeroblob(16)", with: nobody))")
    }

    /// Has a generation look as if an older version had begun it, with rows of its own.
    func makeOlder(_ view: ProjectionName, generation: Int64) throws {
        let damage = "DELETE FROM judged; DELETE FROM conversation"
        guard let address = try address() else {
            return try Connection(SQLiteGenerations(path(view)).file(of: generation), access: .readWrite)
                .execute("PRAGMA user_version = 1; \(damage)")
        }
        try PostgresConnection(address).execute(
            """
            SET search_path = \(PostgresGenerations("parley_\(view.rawValue)").schema(of: generation));
            UPDATE schema_version SET version = 1; \(damage)
            """)
    }
}
