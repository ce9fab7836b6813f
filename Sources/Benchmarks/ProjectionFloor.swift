import Glibc
import PersonalMetadata
import Projection
import SQLite
import SharedContent
import ViewStorage

/// Writing the final rows of two views with nothing but prepared upserts.
enum ProjectionFloor {
    /// - Parameters:
    ///   - views: files of the shared-content and the personal-metadata view, complete.
    ///   - batches: transactions to write each of them in.
    /// - Returns: seconds for both, written at the same time.
    static func seconds(of views: [String], batches: Int, in directory: String) throws -> Double {
        let plans = try zip(views, [SharedContentSchema.definition, PersonalMetadataSchema.definition]).map {
            try FloorPlan(view: $0, definition: $1)
        }
        let copies = try plans.enumerated().map { index, plan in
            try ViewDatabase("\(directory)/floor\(index).sqlite", definition: plan.definition, access: .project).path
        }
        let watch = Stopwatch()
        try onThreads(plans.count) { try plans[$0].write(to: copies[$0], batches: batches) }
        let seconds = watch.seconds
        for copy in copies { for suffix in ["", "-wal", "-shm"] { unlink(copy + suffix) } }
        return seconds
    }
}

/// The rows of one view in memory, table by table, in the order in which they came to be.
private struct FloorPlan: Sendable {
    let definition: ViewDatabase.Definition
    private var tables: [Table] = []

    private struct Table: Sendable {
        var upsert: String
        var columns: Int
        var rows: [[Value]]
    }

    private enum Value: Sendable {
        case null
        case integer(Int64)
        case bytes([UInt8])
        case text([UInt8])
    }

    init(view: String, definition: ViewDatabase.Definition) throws {
        self.definition = definition
        let connection = try Connection(view, access: .readWrite)
        for (table, order) in try Self.tables(connection) {
            let query = try connection.prepare("SELECT * FROM \(table) ORDER BY \(order)")
            var rows: [[Value]] = []
            while try query.step() { rows.append((0..<query.columnCount).map { Self.value(query, $0) }) }
            let names = (0..<query.columnCount).map { query.name($0) }
            let updates = names.enumerated().map { "\"\($1)\" = ?\($0 + 1)" }.joined(separator: ", ")
            let places = names.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
            tables.append(
                Table(
                    upsert: "INSERT INTO \(table) VALUES (\(places)) ON CONFLICT DO UPDATE SET \(updates)",
                    columns: names.count, rows: rows))
        }
    }

    func write(to path: String, batches: Int) throws {
        let database = try ViewDatabase(path, definition: definition, access: .project)
        let statements = try tables.map { try database.connection.prepare($0.upsert) }
        for batch in 0..<batches {
            try database.write {
                for (table, statement) in zip(tables, statements) {
                    let share = table.rows.count * batch / batches..<table.rows.count * (batch + 1) / batches
                    for row in table.rows[share] { try Self.write(row, statement) }
                }
            }
        }
    }

    private static func write(_ row: [Value], _ statement: Statement) throws {
        for (index, value) in row.enumerated() {
            switch value {
            case .null: try statement.bindNull(at: index + 1)
            case .integer(let number): try statement.bind(number, at: index + 1)
            case .bytes(let bytes): try bytes.withUnsafeBytes { try statement.bindBorrowed($0, at: index + 1) }
            case .text(let bytes): try statement.bind(text: bytes, at: index + 1)
            }
        }
        try statement.run()
    }

    private static func value(_ query: Statement, _ column: Int) -> Value {
        switch query.kind(column) {
        case .null: .null
        case .integer: .integer(query.int64(column))
        case .text: .text(query.bytes(column))
        case .blob, .real: .bytes(query.bytes(column))
        }
    }

    /// Every table of the view, with an order close to that in which its rows came to be. Where no column tells, ids are
    /// random and their order is as good as any.
    private static func tables(_ connection: Connection) throws -> [(String, order: String)] {
        let orders = [
            "message": "ord", "message_ref": "ord", "version": "ord", "reaction": "ord", "rejection": "ord",
            "orphan": "ord", "participant": "joined_ord", "personal_conversation": "joined", "judged": "command",
            "member_judged": "command", "personal_message": "starred_ord",
        ]
        let query = try connection.prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN "
                + "('position', 'lease', 'attempt', 'parked') ORDER BY name")
        var tables: [(String, String)] = []
        while try query.step() { tables.append((query.text(0), orders[query.text(0)] ?? "1")) }
        return tables
    }
}
