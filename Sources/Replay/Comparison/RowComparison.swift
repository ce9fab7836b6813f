import Projection
import ViewStorage

/// Compares the rows of one table in two stores: both are read in the order of their keys, side by side, so memory does
/// not depend on their number.
struct RowComparison {
    let view: ProjectionName
    let table: StoredTable
    /// Whether the row at hand is looked at.
    let includes: (any RowCursor) throws -> Bool

    /// One store's side: its row at hand.
    private struct Side {
        let cursor: any RowCursor
        let table: StoredTable
        let includes: (any RowCursor) throws -> Bool
        /// `nil` at the end.
        private(set) var key: [StoredValue]?

        init(_ cursor: any RowCursor, _ comparison: RowComparison) throws {
            self.cursor = cursor
            table = comparison.table
            includes = comparison.includes
            try advance()
        }

        mutating func advance() throws {
            key = nil
            while try cursor.next() {
                guard try includes(cursor) else { continue }
                key = try table.key.map { try cursor.value($0) }
                return
            }
        }
    }

    /// Only rows whose owners fall to these leaves of a tree.
    static func ofLeaves(_ leaves: Set<Int>, _ table: StoredTable) -> (any RowCursor) throws -> Bool {
        { cursor in
            var owner = RowHash(seed: 0)
            owner.add(try cursor.value(table.owner))
            return leaves.contains(DigestTree.leaf(of: owner))
        }
    }

    /// Calls `body` with every difference, in the order of the keys.
    func run(live: any RowCursor, rebuilt: any RowCursor, _ body: (RowDifference) throws -> Void) throws {
        var (live, rebuilt) = (try Side(live, self), try Side(rebuilt, self))
        while live.key != nil || rebuilt.key != nil {
            if let key = live.key, rebuilt.key.map({ key.lexicographicallyPrecedes($0) }) ?? true {
                try body(difference(.extra, key))
                try live.advance()
            } else if let key = rebuilt.key, live.key.map({ key.lexicographicallyPrecedes($0) }) ?? true {
                var missing = difference(.missing, key)
                missing.row = try table.columns.indices.map {
                    .init(name: table.columns[$0], value: try rebuilt.cursor.value($0))
                }
                try body(missing)
                try rebuilt.advance()
            } else {
                let changes = try changes(live, rebuilt)
                if !changes.isEmpty { try body(difference(.changed, live.key!, changes)) }
                try live.advance()
                try rebuilt.advance()
            }
        }
    }

    private func changes(_ live: Side, _ rebuilt: Side) throws -> [RowDifference.Change] {
        try table.columns.indices.compactMap { column in
            let (one, other) = (try live.cursor.value(column), try rebuilt.cursor.value(column))
            return one == other ? nil : .init(name: table.columns[column], live: one, rebuilt: other)
        }
    }

    private func difference(
        _ kind: RowDifference.Kind, _ key: [StoredValue], _ changes: [RowDifference.Change] = []
    ) -> RowDifference {
        RowDifference(
            view: view, table: table.name, kind: kind,
            key: zip(table.key, key).map { .init(name: table.columns[$0], value: $1) }, changes: changes)
    }
}
