public import EventLog
import PersonalMetadata
public import Postgres
public import Projection
import SharedContent
public import ViewStorage

/// The generations of a view in PostgreSQL: a schema each.
///
/// Whoever builds, swaps or removes them must be, or be a member of, the role that owns the view's schema, and have the
/// right to make schemas in the database.
public struct PostgresViewGenerations: ViewGenerations {
    public let projection: ProjectionName
    public let workDirectory: String
    private let address: PostgresAddress
    private let names: PostgresGenerations

    /// - Parameters:
    ///   - address: of the view.
    ///   - workDirectory: of this machine; for what does not fit in memory.
    public init(_ projection: ProjectionName, address: PostgresAddress, workDirectory: String) {
        self.projection = projection
        self.address = address
        self.workDirectory = workDirectory
        names = PostgresGenerations(Self.definition(of: projection).schema)
    }

    public var place: String { "\(address), schema \(names.base)" }

    /// What the server's disk takes is not known here.
    public func freeBytes() -> Int64? { nil }

    static func definition(of projection: ProjectionName) -> PostgresViewDatabase.Definition {
        switch projection {
        case .shared: SharedContentSchema.postgres
        case .personal: PersonalMetadataSchema.postgres
        }
    }

    private var definition: PostgresViewDatabase.Definition { Self.definition(of: projection) }

    /// Runs `body` over a connection of its own, with PostgreSQL's errors in the terms of a view.
    private func asking<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
        do { return try body(PostgresConnection(address)) } catch let error as PostgresError {
            throw PostgresViewDatabase.explain(error, "the \(projection.rawValue) view at \(place)")
        }
    }

    public func lock() throws -> AnyObject? {
        try asking { connection in
            var parameters = PostgresParameters()
            parameters.add(text: "parley \(names.base)")
            let taken = try connection.query(
                "SELECT pg_try_advisory_lock(hashtext($1), \(PostgresViewDatabase.replayLock))", parameters)
            return try taken.bool(0, 0) ? connection : nil
        }
    }

    public func active() throws -> Int64 { try asking { try names.active($0) ?? 1 } }

    public func list() throws -> [Generation] {
        try asking { connection in
            let active = try names.active(connection)
            let notes = active == nil ? "SELECT 1::bigint AS number, 'active' AS state" : "TABLE \(names.table)"
            var parameters = PostgresParameters()
            parameters.add(text: names.base)
            let rows = try connection.query(Self.listing(notes), parameters)
            return try (0..<rows.count).map { row in
                let number = try rows.int64(row, 0)
                let noted = Generation.State(rawValue: rows.text(row, 1)) ?? .damaged
                let state: Generation.State = number == active ?? 1 ? .active : noted == .active ? .damaged : noted
                return Generation(number: number, state: state, bytes: try rows.int64(row, 2))
            }
        }
    }

    /// Every schema that is a generation's, with what is noted and how large its tables are with their indexes.
    private static func listing(_ notes: String) -> String {
        """
        WITH found AS (
            SELECT oid, CASE nspname WHEN $1 THEN 1 ELSE substr(nspname, length($1) + 3)::bigint END AS number
            FROM pg_namespace WHERE nspname = $1 OR nspname ~ ('^' || $1 || '_g[0-9]{1,18}$')),
        noted AS (\(notes)),
        tables AS (SELECT oid, relnamespace, relname FROM pg_class WHERE relkind = 'r')
        SELECT f.number, coalesce(n.state, CASE f.number WHEN 1 THEN 'previous' ELSE 'damaged' END),
            (SELECT coalesce(sum(pg_total_relation_size(t.oid)), 0)::bigint FROM tables t WHERE t.relnamespace = f.oid)
        FROM found f LEFT JOIN noted n ON n.number = f.number
        WHERE f.number <> 1
            OR EXISTS (SELECT 1 FROM tables t WHERE t.relnamespace = f.oid AND t.relname = 'schema_version')
        ORDER BY f.number
        """
    }

    // MARK: Building

    public func open(_ generation: Int64, cachedRows: Int) throws -> any ViewStore {
        try makeSchema(generation)
        let store: any ViewStore =
            switch projection {
            case .shared:
                try PostgresSharedContentStore(address: address, generation: generation, cachedRows: cachedRows)
            case .personal:
                try PostgresPersonalMetadataStore(address: address, generation: generation, cachedRows: cachedRows)
            }
        try asking { connection in
            try names.actAsOwner(connection)
            try connection.execute(names.copyTableGrants(from: try names.active(connection) ?? 1, to: generation))
        }
        return store
    }

    /// Makes a generation's schema where there is none, as the owner of the view's: granted as that is, listed as building.
    private func makeSchema(_ generation: Int64) throws {
        try asking { connection in
            if try hasSchema(generation, connection), try !isOutdated(generation, connection) {
                return try awaitOthers(generation, connection)
            }
            // The table of generations is made where no projector has made it, with the schema it is in.
            if try names.active(connection) == nil { try makeCatalog(connection) }
            try connection.transaction {
                try connection.run([names.changing])
                // Another process, killed meanwhile, may have made it at its end.
                if try hasSchema(generation, connection) {
                    guard try isOutdated(generation, connection) else { return }
                    try names.actAsOwner(connection)
                    try connection.execute(names.removal(of: generation))
                }
                do { try connection.execute(Self.make(names.schema(of: generation), asOwnerOf: names.base)) } catch let
                    error as PostgresError where error.isDenied
                { throw mayNotMake(error) }
                try names.actAsOwner(connection)
                try connection.execute(names.copyGrants(to: generation))
                try names.note(generation, .building, connection)
            }
        }
    }

    private func hasSchema(_ generation: Int64, _ connection: PostgresConnection) throws -> Bool {
        var parameters = PostgresParameters()
        parameters.add(text: names.schema(of: generation))
        return try connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", parameters).count > 0
    }

    /// Waits for the transactions of whoever built here before and was killed: the server may not have noticed yet, and what
    /// they commit now has to be seen.
    private func awaitOthers(_ generation: Int64, _ connection: PostgresConnection) throws {
        let schema = names.schema(of: generation)
        guard try names.isThere("lease", in: schema, connection) else { return }
        try names.actAsOwner(connection)
        _ = try connection.query("SELECT set_config('lock_timeout', '60000', false)")
        try connection.transaction {
            _ = try connection.query("LOCK TABLE \(schema).lease IN EXCLUSIVE MODE")
        }
    }

    /// Whether this was begun by a version that made other tables: what it folded is not what this one would have.
    private func isOutdated(_ generation: Int64, _ connection: PostgresConnection) throws -> Bool {
        let schema = names.schema(of: generation)
        guard try names.isThere("schema_version", in: schema, connection) else { return false }
        let found = try connection.query(
            """
            SELECT 1 FROM \(schema).schema_version, \(names.table)
            WHERE number = \(generation) AND state = 'building' AND version < \(definition.version)
            """)
        return found.count > 0
    }

    private func makeCatalog(_ connection: PostgresConnection) throws {
        try connection.transaction {
            try connection.run([names.changing])
            if try names.active(connection) != nil { return }
            try connection.execute("CREATE SCHEMA IF NOT EXISTS \(names.base)")
            try names.actAsOwner(connection)
            try connection.execute(names.making)
        }
    }

    private static func make(_ schema: String, asOwnerOf base: String) -> String {
        """
        DO $$ BEGIN
            EXECUTE format('CREATE SCHEMA \(schema) AUTHORIZATION %I',
                (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = '\(base)'));
        END $$
        """
    }

    private func mayNotMake(_ error: PostgresError) -> ProjectionError {
        ProjectionError(
            .readOnly,
            "the \(projection.rawValue) view at \(place): this role may not make the schema of another generation: rebuild as "
                + "the role that owns \(names.base) (parley_owner), and grant it CREATE on the database, as "
                + "Deploy/postgres.sql does", cause: error)
    }

    public func bulk(_ store: any ViewStore) -> (any BulkLoading)? { Self.database(of: store) }

    private static func database(of store: any ViewStore) -> PostgresViewDatabase? {
        switch store {
        case let store as PostgresSharedContentStore: store.database
        case let store as PostgresPersonalMetadataStore: store.database
        default: nil
        }
    }

    public func mark(_ generation: Int64, _ state: Generation.State) throws {
        try asking { connection in
            try names.actAsOwner(connection)
            try names.note(generation, state, connection)
        }
    }

    // MARK: Reading

    public func rows(of generation: Int64) throws -> any RowSource {
        try PostgresRowSource(address, definition: definition, generation: generation)
    }

    /// - Returns: `nil` when no projector has made it.
    private func openLive() throws -> PostgresViewDatabase? {
        do {
            return try PostgresViewDatabase(address, definition: definition, access: .read)
        } catch let error as ProjectionError where error.code == .missing { return nil }
    }

    public func livePositions() throws -> [TopicPartition: Int64]? { try openLive()?.positions() }

    public func ownedPositions() throws -> [TopicPartition: Int64]? {
        guard let live = try openLive() else { return nil }
        let positions = try live.positions()
        return try live.leases().reduce(into: [:]) { owned, lease in
            if lease.owner != nil { owned[lease.partition] = positions[lease.partition] ?? 0 }
        }
    }

    // MARK: The active generation

    public func activate(_ generation: Int64, bringTo: ([TopicPartition: Int64]) throws -> Void) throws {
        guard let live = try openLive() else {
            return try asking { connection in
                try names.actAsOwner(connection)
                try connection.transaction {
                    try connection.execute(
                        "UPDATE \(names.schema(of: generation)).lease SET owner = NULL, expires = clock_timestamp()")
                    try names.note(generation, connection)
                }
            }
        }
        try live.asOwner()
        try live.holding { connection, positions in
            try bringTo(positions)
            try live.giveWay(to: generation, connection)
        }
    }

    public func change(
        _ body: (any RowSource, [TopicPartition: Int64], _ change: (RowDifference) throws -> Void) throws -> Void
    ) throws {
        let live = try PostgresViewDatabase(address, definition: definition, access: .read)
        try live.asOwner()
        try live.holding { connection, positions in
            let source = try PostgresRowSource(inTransactionOf: live)
            try body(source, positions) { difference in
                let statement = PostgresRowChange(difference) { source.type(of: $0, in: difference.table) }
                _ = try connection.query(statement.sql, statement.parameters)
            }
            try live.outdateProjectors(connection)
        }
    }

    public func remove(_ generation: Int64) throws {
        try asking { connection in
            guard try names.active(connection) ?? 1 != generation else {
                throw ReplayError(.invalid, "generation \(generation) is the active one: it is not removed")
            }
            try names.actAsOwner(connection)
            _ = try connection.query("SELECT set_config('lock_timeout', '60000', false)")
            try connection.transaction {
                try connection.execute(names.removal(of: generation))
            }
        }
    }
}

/// The statement that makes a row what a rebuild says.
private struct PostgresRowChange {
    private(set) var sql = ""
    private(set) var parameters = PostgresParameters()

    init(_ difference: RowDifference, type: (String) -> PostgresType) {
        let table = "\"\(difference.table)\""
        switch difference.kind {
        case .extra: sql = "DELETE FROM \(table) WHERE \(key(of: difference, type))"
        case .missing:
            let columns = difference.row.map { "\"\($0.name)\"" }.joined(separator: ", ")
            let values = difference.row.map { place($0.value, type($0.name)) }.joined(separator: ", ")
            sql = "INSERT INTO \(table) (\(columns)) VALUES (\(values))"
        case .changed:
            let changes = difference.changes.map { "\"\($0.name)\" = \(place($0.rebuilt, type($0.name)))" }
            sql = "UPDATE \(table) SET \(changes.joined(separator: ", ")) WHERE \(key(of: difference, type))"
        }
    }

    private mutating func key(of difference: RowDifference, _ type: (String) -> PostgresType) -> String {
        difference.key.map { "\"\($0.name)\" = \(place($0.value, type($0.name)))" }.joined(separator: " AND ")
    }

    private mutating func place(_ value: StoredValue, _ type: PostgresType) -> String {
        parameters.add(value, as: type)
        return "$\(parameters.count)"
    }
}
