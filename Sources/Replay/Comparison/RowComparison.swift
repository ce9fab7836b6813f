import Projection
import ViewStorage

/// Compares the rows of one table in two stores: both are read in the order of their keys, side by side, so memory does
/// not depend on their number.
struct RowComparison {
    let view: ProjectionName
    let table: StoredTable
    /// Only rows whose owners fall to these leaves are looked at.
    let leaves: Set<Int>

    /// One store's side: its row at hand.
    private struct Side {
        let cursor: any RowCursor
        let table: StoredTable
        let leaves: Set<Int>
        /// `nil` at the end.
        private(set) var key: [StoredValue]?

        init(_ cursor: any RowCursor, _ comparison: RowComparison) throws {
            self.cursor = cursor
            table = comparison.table
            leaves = comparison.leaves
            try advance()
        }

        mutating func advance() throws {
            key = nil
            while try cursor.next() {
                var owner = RowHash(seed: 0)
                try add(cursor.value(table.owner), to: &owner)
                guard leaves.contains(DigestTree.leaf(of: owner)) else { continue }
                key = try table.key.map { try cursor.value($0) }
                return
            }
        }

        /// As cursors do it for the digest of an owner.
        private func add(_ value: StoredValue, to hash: inout RowHash) {
            switch value {
            case .null: hash.addNull()
            case .integer(let number):
                hash.add(1)
                hash.add(UInt64(bitPattern: number))
            case .text(let bytes):
                hash.add(2)
                bytes.withUnsafeBytes { hash.add($0) }
            case .bytes(let bytes):
                hash.add(3)
                bytes.withUnsafeBytes { hash.add($0) }
            }
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
                try body(difference(.missing, key))
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
