import EventLog
public import Postgres
import Projection

/// One unchanging state of a view in PostgreSQL, over a connection of its own: a read transaction from opening to release.
public final class PostgresRowSource: RowSource {
    public let database: PostgresViewDatabase
    public let tables: [StoredTable]
    /// By table and column.
    private let types: [String: [String: PostgresType]]
    private let connection: PostgresConnection
    /// Whether the transaction is this one's.
    private let isOwn: Bool
    private var cursors = 0

    /// - Parameter generation: which one.
    /// - Throws: `ProjectionError`.
    public init(_ address: PostgresAddress, definition: PostgresViewDatabase.Definition, generation: Int64) throws {
        database = try PostgresViewDatabase(
            address, definition: definition, access: .compare, generation: generation)
        isOwn = true
        let database = database
        (connection, tables, types) = try database.explaining {
            let connection = try database.connection()
            try connection.run([.init("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")])
            let layout = try Self.layout(of: database.schema, connection)
            return (connection, layout.tables, layout.types)
        }
    }

    /// The state that a transaction under way sees; good as long as it lasts.
    public init(inTransactionOf database: PostgresViewDatabase) throws {
        self.database = database
        isOwn = false
        (connection, tables, types) = try database.explaining {
            let connection = try database.connection()
            let layout = try Self.layout(of: database.schema, connection)
            return (connection, layout.tables, layout.types)
        }
    }

    deinit { if isOwn { connection.rollback() } }

    public func positions() throws -> PositionsByPartition {
        try database.explaining {
            let rows = try connection.query("SELECT topic, partition, next_offset FROM position")
            var positions: PositionsByPartition = [:]
            for row in 0..<rows.count { positions[try rows.partition(row, 0)] = try rows.int64(row, 2) }
            return positions
        }
    }

    public func cursor(_ table: StoredTable, columns: [String], ordered: Bool) throws -> any RowCursor {
        cursors += 1
        let name = "rows_\(cursors)"
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        let order = table.key.map { "\"\(table.columns[$0])\"" }.joined(separator: ", ")
        let sql = "SELECT \(names) FROM \"\(table.name)\"" + (ordered ? " ORDER BY \(order)" : "")
        _ = try database.explaining { try connection.query("DECLARE \(name) NO SCROLL CURSOR FOR \(sql)") }
        return PostgresRowCursor(name, columns.map { type(of: $0, in: table.name) }, database, connection)
    }

    /// - Precondition: the table has the column.
    public func type(of column: String, in table: String) -> PostgresType { types[table]?[column] ?? .bytea }

    /// The view's tables as they are in a schema, by name; the columns in their order.
    private static func layout(
        of schema: String, _ connection: PostgresConnection
    ) throws -> (tables: [StoredTable], types: [String: [String: PostgresType]]) {
        var parameters = PostgresParameters()
        parameters.add(text: schema)
        let rows = try connection.query(
            """
            SELECT t.relname::text, a.attname::text, format_type(a.atttypid, NULL),
                coalesce(array_position(i.indkey::int2[], a.attnum), -1)
            FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
                LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
            WHERE n.nspname = $1 AND t.relkind = 'r' ORDER BY t.relname COLLATE "C", a.attnum
            """, parameters)
        var found: [(name: String, columns: [String], key: [(place: Int64, name: String)])] = []
        var types: [String: [String: PostgresType]] = [:]
        for row in 0..<rows.count {
            let (table, column) = (rows.text(row, 0), rows.text(row, 1))
            guard !StoredTable.excluded.contains(table) else { continue }
            if found.last?.name != table { found.append((table, [], [])) }
            found[found.count - 1].columns.append(column)
            let place = try rows.int64(row, 3)
            if place >= 0 { found[found.count - 1].key.append((place, column)) }
            types[table, default: [:]][column] = type(rows.text(row, 2))
        }
        let tables = found.map { table in
            StoredTable(
                table.name, columns: table.columns, key: table.key.sorted { $0.place < $1.place }.map(\.name))
        }
        return (tables, types)
    }

    private static func type(_ name: String) -> PostgresType {
        switch name {
        case "bigint", "integer", "smallint", "boolean": .int8
        case "uuid": .uuid
        case "text": .text
        default: .bytea
        }
    }
}

final class PostgresRowCursor: RowCursor {
    /// Rows of one answer.
    private static let fetched = 500

    private let name: String
    private let types: [PostgresType]
    private let database: PostgresViewDatabase
    private let connection: PostgresConnection
    private var rows: PostgresRows?
    private var row = -1

    init(
        _ name: String, _ types: [PostgresType], _ database: PostgresViewDatabase, _ connection: PostgresConnection
    ) {
        self.name = name
        self.types = types
        self.database = database
        self.connection = connection
    }

    func next() throws -> Bool {
        row += 1
        if let rows, row < rows.count { return true }
        if let rows, rows.count < Self.fetched { return false }
        rows = try database.explaining { try connection.query("FETCH \(Self.fetched) FROM \(name)") }
        row = 0
        return rows?.count ?? 0 > 0
    }

    func value(_ column: Int) throws -> StoredValue {
        guard let rows, !rows.isNull(row, column) else { return .null }
        switch types[column] {
        case .int8: return .integer(try database.explaining { try rows.int64(row, column) })
        case .text: return .text(rows.bytes(row, column))
        case .uuid, .bytea: return .bytes(rows.bytes(row, column))
        }
    }

    func digest(row hash: inout RowHash, owner: inout RowHash, ownerColumn: Int) throws {
        for column in types.indices { try add(column, to: &hash) }
        try add(ownerColumn, to: &owner)
    }

    private func add(_ column: Int, to hash: inout RowHash) throws {
        guard let rows, !rows.isNull(row, column) else { return hash.addNull() }
        switch types[column] {
        case .int8:
            hash.add(1)
            hash.add(UInt64(bitPattern: try rows.int64(row, column)))
        case .text:
            hash.add(2)
            hash.add(rows.borrowed(row, column))
        case .uuid, .bytea:
            hash.add(3)
            hash.add(rows.borrowed(row, column))
        }
    }
}

extension PostgresParameters {
    /// A stored value as a column of this type takes it.
    public mutating func add(_ value: StoredValue, as type: PostgresType) {
        switch value {
        case .null: addNull(type)
        case .integer(let number): add(number)
        case .text(let bytes): add(text: String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes) where type == .uuid && bytes.count == 16:
            let words = bytes.withUnsafeBytes {
                (
                    UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            add(high: words.0, low: words.1)
        case .bytes(let bytes): add(bytes)
        }
    }
}
