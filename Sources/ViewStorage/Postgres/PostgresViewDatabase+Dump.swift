import Messaging
import Postgres
import Wire

extension PostgresViewDatabase {
    /// Gives every row of the tables as a line of canonical JSON, the same as `ViewDatabase.dump`. Call inside ``read(_:)``.
    ///
    /// The rows come a thousand at a time, so memory does not depend on their number.
    public func dump(_ tables: [CanonicalTable], _ body: ([UInt8]) throws -> Void) throws {
        try explaining {
            let connection = try connection()
            var writer = JSONWriter()
            for table in tables.sorted(by: { $0.name < $1.name }) {
                let columns = table.printed
                try connection.run([.init("DECLARE dump_\(table.name) NO SCROLL CURSOR FOR \(table.query)")])
                while true {
                    let rows = try connection.query("FETCH 1000 FROM dump_\(table.name)")
                    for index in 0..<rows.count {
                        writer.removeAll()
                        try writer.row(of: table, columns, CursorRow(rows: rows, index: index))
                        try body(writer.bytes)
                    }
                    if rows.count < 1000 { break }
                }
                try connection.run([.init("CLOSE dump_\(table.name)")])
            }
        }
    }

    private struct CursorRow: CanonicalRow {
        let rows: PostgresRows
        let index: Int

        func isNull(_ column: Int) -> Bool { rows.isNull(index, column) }
        func integer(_ column: Int) throws -> Int64 { try rows.int64(index, column) }
        func identifier(_ column: Int) throws -> Identifier {
            let value = try rows.identifier(index, column)
            return Identifier(high: value.high, low: value.low)
        }
        func bytes(_ column: Int) -> UnsafeRawBufferPointer { rows.borrowed(index, column) }
        func damage(_ column: Int) -> any Error {
            PostgresError(.malformed, "column \(column) holds what it never can")
        }
    }
}
