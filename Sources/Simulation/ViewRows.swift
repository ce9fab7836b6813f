public import Messaging

/// One value of a view's row, in a form that every store can give.
public enum Cell: Hashable, Comparable, Sendable {
    case null
    case int(Int64)
    case id(Identifier)
    case bytes([UInt8])

    public init(_ value: Int64?) { self = value.map { .int($0) } ?? .null }
    public init(_ value: [UInt8]?) { self = value.map { .bytes($0) } ?? .null }
    public init(_ value: Bool) { self = .int(value ? 1 : 0) }
    public init<Kind>(_ value: ID<Kind>?) { self = value.map { .id($0.value) } ?? .null }

    /// Any total order does: it only makes lists of rows compare.
    public static func < (left: Cell, right: Cell) -> Bool {
        switch (left, right) {
        case (.int(let one), .int(let other)): one < other
        case (.id(let one), .id(let other)): one < other
        case (.bytes(let one), .bytes(let other)): one.lexicographicallyPrecedes(other)
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .int: 1
        case .id: 2
        case .bytes: 3
        }
    }
}

extension Cell: CustomStringConvertible {
    public var description: String {
        switch self {
        case .null: "-"
        case .int(let value): String(value)
        case .id(let value): value.description
        case .bytes(let value):
            value.count > 40
                ? "\(value.count) bytes"
                : String(decoding: value.map { $0 > 32 && $0 < 127 ? $0 : UInt8(ascii: ".") }, as: UTF8.self)
        }
    }
}

/// A column of a table that is compared.
public struct ViewColumn: Hashable, Sendable {
    public enum Kind: Sendable { case int, id, bytes }
    public var name: String
    public var kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// What is compared of a table, and how it is had: `columns` of `source`, all rows.
public struct ViewLayout: Hashable, Sendable {
    public var name: String
    /// What stands behind FROM: a table, or a query in parentheses.
    public var source: String
    public var columns: [ViewColumn]

    public init(_ name: String, from source: String? = nil, _ columns: [ViewColumn]) {
        self.name = name
        self.source = source ?? name
        self.columns = columns
    }

    /// The query that gives the rows, in the SQL that all stores understand.
    public var query: String { "SELECT \(columns.map { "\"\($0.name)\"" }.joined(separator: ", ")) FROM \(source)" }
}

/// The rows of one table.
public struct ViewTable: Equatable, Sendable {
    public var layout: ViewLayout
    public private(set) var rows: [[Cell]]

    /// - Parameter rows: in any order, each with one cell a column.
    public init(_ layout: ViewLayout, _ rows: [[Cell]]) {
        self.layout = layout
        self.rows = rows.sorted { $0.lexicographicallyPrecedes($1) }
    }
}

/// Everything that matters of a view, in a form that compares: two views are the same when these are equal.
public struct ViewRows: Equatable, Sendable {
    public var tables: [ViewTable]

    public init(_ tables: [ViewTable]) { self.tables = tables }

    /// What differs, row by row, for people; empty when nothing does.
    public func differences(from expected: ViewRows, limit: Int = 20) -> String {
        var lines: [String] = []
        for (found, wanted) in zip(tables, expected.tables) where found != wanted {
            let columns = found.layout.columns.map(\.name).joined(separator: " ")
            lines.append("\(found.layout.name) (\(columns)):")
            let (foundRows, wantedRows) = (Set(found.rows), Set(wanted.rows))
            for row in wanted.rows where !foundRows.contains(row) { lines.append("  expected \(ViewRows.text(row))") }
            for row in found.rows where !wantedRows.contains(row) { lines.append("  found    \(ViewRows.text(row))") }
            if foundRows == wantedRows {
                lines.append("  \(wanted.rows.count) rows expected, \(found.rows.count) found")
            }
        }
        if tables.count != expected.tables.count {
            lines.append("\(expected.tables.count) tables, not \(tables.count)")
        }
        return lines.prefix(limit).joined(separator: "\n")
    }

    private static func text(_ row: [Cell]) -> String { row.map(\.description).joined(separator: " ") }
}
