import EventLog
import Messaging
import PersonalMetadata
import Postgres
import Projection
import SharedContent
import Simulation
import TestSupport
import Testing
import ViewStorage

/// Both views' PostgreSQL stores keep the contract of view stores.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresViewStoreTests {
    @Test(arguments: ViewStoreConformance.checks, ProjectionName.allCases)
    func keepsTheContract(_ check: ViewStoreConformance.Check, _ projection: ProjectionName) throws {
        let databases = PostgresDatabases()
        defer { databases.dropAll() }
        try check.run(.postgres(projection, in: databases))
    }

    /// Every line of `dump` is the same, byte for byte, whichever store the same records went into.
    @Test func dumpsAreThoseOfSQLite() throws {
        try PostgresServer.shared().withDatabase { address in
            for seed: UInt64 in 1...12 {
                var dice = Dice(seed: seed)
                let history = HistoryGenerator.history(seed: seed, count: 150)
                let (sqlite, postgres) = (try Views(), try Views.anew(at: .postgres(address)))
                for batch in batches(of: history.records, using: &dice) { try sqlite.apply(batch) }
                for batch in batches(of: history.interleaved(using: &dice), using: &dice) { try postgres.apply(batch) }
                for (one, other) in zip(sqlite.stores, postgres.stores) {
                    let (found, expected) = (try PostgresStore.dump(other), try SQLiteStore.dump(one))
                    #expect(!expected.isEmpty && found == expected, "seed \(seed), \(one.projection)")
                }
            }
        }
    }
}

/// Databases of the tests' server, made as needed.
final class PostgresDatabases: @unchecked Sendable {
    private var names: [String] = []

    func make() throws -> PostgresAddress {
        let server = try PostgresServer.shared()
        let name = try server.makeDatabase()
        names.append(name)
        return try server.address(name)
    }

    func dropAll() {
        guard let server = try? PostgresServer.shared() else { return }
        for name in names { server.dropDatabase(name) }
    }
}

extension ViewFixture {
    static func postgres(_ projection: ProjectionName, in databases: PostgresDatabases) -> ViewFixture {
        ViewFixture(
            open: { try PostgresStore.open(projection, databases.make()) },
            another: { store in
                guard let database = PostgresStore.database(of: store) else { throw TestFailure("not in PostgreSQL") }
                return try PostgresStore.open(projection, database.address)
            }, contents: PostgresStore.dump, parked: PostgresStore.parked, deadOwner: SQLiteStore.deadOwner)
    }
}

/// What tests need of a view in PostgreSQL beside the contract.
enum PostgresStore {
    static func open(_ projection: ProjectionName, _ address: PostgresAddress) throws -> any ViewStore {
        switch projection {
        case .shared: try PostgresSharedContentStore(address: address)
        case .personal: try PostgresPersonalMetadataStore(address: address)
        }
    }

    /// `nil` when the view is elsewhere.
    static func database(of store: any ViewStore) -> PostgresViewDatabase? {
        switch store {
        case let store as PostgresSharedContentStore: store.database
        case let store as PostgresPersonalMetadataStore: store.database
        default: nil
        }
    }

    static func dump(_ store: any ViewStore) throws -> [[UInt8]] {
        guard let database = database(of: store) else { throw TestFailure("not in PostgreSQL") }
        let tables = store.projection == .shared ? SharedContentSchema.canonical : PersonalMetadataSchema.canonical
        var lines: [[UInt8]] = []
        try database.read { try database.dump(tables) { lines.append($0) } }
        return lines
    }

    static func parked(_ store: any ViewStore) throws -> [UnreadableRecord] {
        guard let database = database(of: store) else { throw TestFailure("not in PostgreSQL") }
        let rows = try database.connection().query(
            """
            SELECT topic, partition, record_offset, append_time, lane, value, reason FROM parked
            ORDER BY topic, partition, record_offset
            """)
        return try (0..<rows.count).map { row in
            UnreadableRecord(
                partition: try rows.partition(row, 0), offset: try rows.int64(row, 2),
                appendTime: try rows.int64(row, 3),
                key: rows.bytes(row, 4), value: rows.bytes(row, 5), reason: rows.text(row, 6))
        }
    }

    /// Empties both views.
    static func empty(_ address: PostgresAddress) throws {
        try PostgresConnection(address).execute(
            """
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                    WHERE schemaname IN ('parley_shared', 'parley_personal')
                    AND tablename NOT IN ('schema_version', 'writer') LOOP
                    EXECUTE 'DELETE FROM ' || name;
                END LOOP;
            END $$
            """)
    }
}

extension ViewRows {
    /// Reads what a view in PostgreSQL holds.
    init(_ database: PostgresViewDatabase, _ layouts: [ViewLayout]) throws {
        self.init(
            try layouts.map { layout in
                let found = try database.connection().query(layout.query)
                let rows = try (0..<found.count).map { row in
                    try layout.columns.enumerated().map { try found.cell(row, $0.offset, $0.element.kind) }
                }
                return ViewTable(layout, rows)
            })
    }
}

extension PostgresRows {
    fileprivate func cell(_ row: Int, _ column: Int, _ kind: ViewColumn.Kind) throws -> Cell {
        if isNull(row, column) { return .null }
        switch kind {
        case .int: return .int(try int64(row, column))
        case .bytes: return .bytes(bytes(row, column))
        case .id:
            let value = try identifier(row, column)
            return .id(Identifier(high: value.high, low: value.low))
        }
    }
}
