public import EventLog
import Projection
import SQLite

/// Where each partition stands.
public typealias PositionsByPartition = [TopicPartition: Int64]

/// One unchanging state of a view in SQLite, over a connection of its own: a read transaction from opening to release.
public final class SQLiteRowSource: RowSource {
    public let database: ViewDatabase
    public let tables: [StoredTable]
    /// Whether the transaction is this one's.
    private let isOwn: Bool

    /// - Parameter generation: which one.
    /// - Throws: `ProjectionError`.
    public init(_ path: String, definition: ViewDatabase.Definition, generation: Int64) throws {
        database = try ViewDatabase(path, definition: definition, access: .read, generation: generation)
        isOwn = true
        let connection = database.connection
        tables = try database.explaining {
            try connection.execute("PRAGMA cache_size=-16384")
            try connection.execute("BEGIN")
            return try Self.tables(connection)
        }
    }

    /// The state that a transaction under way sees; good as long as it lasts.
    public init(inTransactionOf database: ViewDatabase) throws {
        self.database = database
        isOwn = false
        tables = try database.explaining { try Self.tables(database.connection) }
    }

    deinit { if isOwn { database.connection.rollbackTransaction() } }

    public func positions() throws -> PositionsByPartition { try database.positions() }

    public func cursor(_ table: StoredTable, columns: [String], ordered: Bool) throws -> any RowCursor {
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        // Tables without row ids are stored in the order of their keys, but say so.
        let order = table.key.map { "\"\(table.columns[$0])\"" }.joined(separator: ", ")
        let sql = "SELECT \(names) FROM \"\(table.name)\"" + (ordered ? " ORDER BY \(order)" : " NOT INDEXED")
        return try database.explaining { SQLiteRowCursor(try database.connection.prepare(sql), database) }
    }

    /// The view's tables as they are in a file.
    static func tables(_ connection: Connection) throws -> [StoredTable] {
        var names: [String] = []
        let query = try connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        try query.forEachRow { names.append(query.text(0)) }
        return try names.filter { !StoredTable.excluded.contains($0) && !$0.hasPrefix("sqlite_") }.map { name in
            var columns: [String] = []
            var key: [(place: Int64, name: String)] = []
            let info = try connection.prepare("SELECT name, pk FROM pragma_table_info('\(name)') ORDER BY cid")
            try info.forEachRow {
                columns.append(info.text(0))
                if info.int64(1) > 0 { key.append((info.int64(1), info.text(0))) }
            }
            return StoredTable(name, columns: columns, key: key.sorted { $0.place < $1.place }.map(\.name))
        }
    }
}

final class SQLiteRowCursor: RowCursor {
    private let statement: Statement
    private let database: ViewDatabase
    private let columns: Int

    init(_ statement: Statement, _ database: ViewDatabase) {
        self.statement = statement
        self.database = database
        columns = statement.columnCount
    }

    deinit { statement.reset() }

    func next() throws -> Bool { try database.explaining { try statement.step() } }

    func value(_ column: Int) -> StoredValue {
        switch statement.kind(column) {
        case .null: .null
        case .integer: .integer(statement.int64(column))
        case .text: .text(statement.bytes(column))
        case .blob, .real: .bytes(statement.bytes(column))
        }
    }

    func digest(row: inout RowHash, owner: inout RowHash, ownerColumn: Int) {
        for column in 0..<columns { add(column, to: &row) }
        add(ownerColumn, to: &owner)
    }

    private func add(_ column: Int, to hash: inout RowHash) {
        switch statement.kind(column) {
        case .null: hash.addNull()
        case .integer:
            hash.add(1)
            hash.add(UInt64(bitPattern: statement.int64(column)))
        case .text:
            hash.add(2)
            hash.add(statement.blob(column))
        case .blob, .real:
            hash.add(3)
            hash.add(statement.blob(column))
        }
    }
}
