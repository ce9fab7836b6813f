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

extension ViewDatabase {
    /// Gives every row of the tables as a line of canonical JSON without the line feed: names sorted, no spaces, tables by
    /// name, rows by key.
    public func dump(_ tables: [CanonicalTable], _ body: ([UInt8]) throws -> Void) throws {
        var writer = JSONWriter()
        for table in tables.sorted(by: { $0.name < $1.name }) {
            let columns = table.columns.sorted { $0.name < $1.name }
            let names = columns.map(\.expression).joined(separator: ", ")
            let key = table.key.map { "\"\($0)\"" }.joined(separator: ", ")
            let query = try connection.prepare("SELECT \(names) FROM \(table.name) ORDER BY \(key)")
            try query.forEachRow {
                writer.removeAll()
                try writer.row(of: table, columns, query)
                try body(writer.bytes)
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func row(
        of table: CanonicalTable, _ columns: [CanonicalTable.Column], _ query: Statement
    ) throws {
        beginObject()
        var isNamed = false
        for (index, column) in columns.enumerated() {
            if !isNamed && "table" < column.name {
                field("table", table.name)
                isNamed = true
            }
            key(Array(column.name.utf8))
            try value(column, query, index)
        }
        if !isNamed { field("table", table.name) }
        endObject()
    }

    private mutating func field(_ name: StaticString, _ text: String) {
        key(name)
        string(text)
    }

    private mutating func value(_ column: CanonicalTable.Column, _ query: Statement, _ index: Int) throws {
        if query.isNull(index) { return null() }
        switch column.form {
        case .id:
            let value: ID<MemberIDKind> = try query.id(index)
            id(value)
        case .integer: int(query.int64(index))
        case .flag: bool(query.bool(index))
        case .text: string(query.blob(index))
        case .bytes: base64(query.blob(index))
        case .word(let name):
            string(try query.known(name(query.int64(index)), index))
        }
    }
}
