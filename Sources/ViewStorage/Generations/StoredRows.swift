/// One value as a store keeps it.
public enum StoredValue: Sendable, Hashable {
    case null
    case integer(Int64)
    /// Also identifiers: 16 bytes.
    case bytes([UInt8])
    case text([UInt8])
}

extension StoredValue: Comparable {
    /// The order in which stores sort: null, numbers, text, bytes.
    public static func < (left: StoredValue, right: StoredValue) -> Bool {
        switch (left, right) {
        case (.integer(let one), .integer(let other)): one < other
        case (.bytes(let one), .bytes(let other)), (.text(let one), .text(let other)):
            one.lexicographicallyPrecedes(other)
        default: left.rank < right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .integer: 1
        case .text: 2
        case .bytes: 3
        }
    }
}

/// A table of a view as its store has it, columns that serve only the store too.
public struct StoredTable: Sendable, Equatable {
    public var name: String
    public var columns: [String]
    /// The columns of the primary key, in its order.
    public var key: [Int]
    /// The column that says whose row it is: the member's, else the conversation's, else the lane's.
    public var owner: Int

    /// - Parameter key: names of the primary key's columns, in its order.
    public init(_ name: String, columns: [String], key: [String]) {
        self.name = name
        self.columns = columns
        self.key = key.compactMap { columns.firstIndex(of: $0) }
        let owners = key.first == "member" ? ["member"] : ["conversation", "lane", "member"]
        owner = owners.lazy.compactMap { columns.firstIndex(of: $0) }.first ?? 0
    }

    /// What belongs to a projector or a store and is no part of the view.
    static let excluded: Set<String> = [
        "position", "lease", "attempt", "instance", "writer", "schema_version", "generation_build", "generation_bulk",
        "generation_index", "generation",
    ]
}

/// Rows one after another; the values of the row at hand are good until the next one.
///
/// Threads: one at a time; calls block.
public protocol RowCursor: AnyObject {
    /// Goes to the next row.
    /// - Returns: `false` at the end.
    func next() throws -> Bool

    /// A copy of a value of the row at hand.
    func value(_ column: Int) throws -> StoredValue

    /// Adds all values of the row at hand, and of the owner's column alone.
    func digest(row: inout RowHash, owner: inout RowHash, ownerColumn: Int) throws
}

/// All rows of one state of a view, for whoever compares.
///
/// Threads: one at a time; calls block.
public protocol RowSource: AnyObject {
    /// The view's tables by name; none of a projector's own.
    var tables: [StoredTable] { get }

    /// Where each partition stands in this state.
    func positions() throws -> PositionsByPartition

    /// Every row of a table.
    /// - Parameters:
    ///   - columns: what to give of each, in this order.
    ///   - ordered: by primary key; otherwise in any order.
    func cursor(_ table: StoredTable, columns: [String], ordered: Bool) throws -> any RowCursor
}
