import Messaging
import SQLite
import Wire

/// A table as every store of a view shows it: what `dump` prints, independent of how the store keeps it.
public struct CanonicalTable: Sendable {
    /// How a column's value is written.
    public enum Form: Sendable {
        /// An identifier, as UUID text.
        case id
        /// A whole number.
        case integer
        /// True or false.
        case flag
        /// Bytes that are text.
        case text
        /// Bytes that are not, in base64.
        case bytes
        /// A number that stands for a word.
        case word(@Sendable (Int64) -> String?)
    }

    public struct Column: Sendable {
        public var name: String
        public var form: Form
        /// What to select for it, as SQL, where that is not the column of this name.
        public var expression: String

        public init(_ name: String, _ form: Form, as expression: String? = nil) {
            self.name = name
            self.form = form
            self.expression = expression ?? "\"\(name)\""
        }
    }

    public var name: String
    /// The columns that order the rows.
    public var key: [String]
    public var columns: [Column]

    /// - Parameter columns: in any order; the table's own name is the value of the name `table`.
    public init(_ name: String, key: [String], _ columns: [Column]) {
        self.name = name
        self.key = key
        self.columns = columns
    }
}

extension CanonicalTable.Form {
    /// A conversation's kind.
    public static let kind = CanonicalTable.Form.word {
        ConversationKind(rawValue: UInt8(truncatingIfNeeded: $0)).map { String(describing: $0) }
    }
    public static let history = CanonicalTable.Form.word {
        History(rawValue: UInt8(truncatingIfNeeded: $0)).map { String(describing: $0) }
    }
    public static let rejectionReason = CanonicalTable.Form.word {
        RejectionReason(rawValue: UInt8(truncatingIfNeeded: $0))?.name
    }
}

/// A row of any store, as canonical JSON needs it.
protocol CanonicalRow {
    func isNull(_ column: Int) -> Bool
    /// A whole number, or a boolean as 0 or 1.
    func integer(_ column: Int) throws -> Int64
    func identifier(_ column: Int) throws -> Identifier
    /// The bytes, good for the call only.
    func bytes(_ column: Int) -> UnsafeRawBufferPointer
    /// What is thrown when a column holds what it never can.
    func damage(_ column: Int) -> any Error
}

extension CanonicalTable {
    /// The columns in the order in which they are printed.
    var printed: [Column] { columns.sorted { $0.name < $1.name } }

    /// Every row, by key.
    var query: String {
        let names = printed.map(\.expression).joined(separator: ", ")
        return "SELECT \(names) FROM \(name) ORDER BY \(key.map { "\"\($0)\"" }.joined(separator: ", "))"
    }
}

extension ViewDatabase {
    /// Gives every row of the tables as a line of canonical JSON without the line feed: names sorted, no spaces, tables by
    /// name, rows by key.
    public func dump(_ tables: [CanonicalTable], _ body: ([UInt8]) throws -> Void) throws {
        var writer = JSONWriter()
        for table in tables.sorted(by: { $0.name < $1.name }) {
            let columns = table.printed
            let query = try connection.prepare(table.query)
            try query.forEachRow {
                writer.removeAll()
                try writer.row(of: table, columns, query)
                try body(writer.bytes)
            }
        }
    }
}

extension Statement: CanonicalRow {
    func integer(_ column: Int) throws -> Int64 { int64(column) }

    func identifier(_ column: Int) throws -> Identifier {
        let value: MemberID = try id(column)
        return value.value
    }

    func bytes(_ column: Int) -> UnsafeRawBufferPointer { blob(column) }

    func damage(_ column: Int) -> any Error {
        SQLiteError.corrupt("column \(column) holds what it never can", sql: sql)
    }
}

extension JSONWriter {
    mutating func row(
        of table: CanonicalTable, _ columns: [CanonicalTable.Column], _ row: some CanonicalRow
    ) throws {
        beginObject()
        var isNamed = false
        for (index, column) in columns.enumerated() {
            if !isNamed && "table" < column.name {
                field("table", table.name)
                isNamed = true
            }
            key(Array(column.name.utf8))
            try value(column, row, index)
        }
        if !isNamed { field("table", table.name) }
        endObject()
    }

    private mutating func field(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    private mutating func value(_ column: CanonicalTable.Column, _ row: some CanonicalRow, _ index: Int) throws {
        if row.isNull(index) { return null() }
        switch column.form {
        case .id: id(MemberID(try row.identifier(index)))
        case .integer: int(try row.integer(index))
        case .flag: bool(try row.integer(index) != 0)
        case .text: string(row.bytes(index))
        case .bytes: base64(row.bytes(index))
        case .word(let name):
            guard let word = name(try row.integer(index)) else { throw row.damage(index) }
            string(word)
        }
    }
}
