import EventLog
public import Projection
public import ViewStorage

/// What a comparison came to.
public struct ComparisonResult: Sendable, Equatable {
    /// Rows of the live view and of the rebuilt one.
    public var liveRows: Int64 = 0
    public var rebuiltRows: Int64 = 0
    /// Folded over all tables.
    public var liveDigest = RowDigest()
    public var rebuiltDigest = RowDigest()
    /// Rows that are not the same.
    public var differences: Int64 = 0

    public init() {}

    public var isEqual: Bool { differences == 0 && liveDigest == rebuiltDigest }
}

/// Compares two states of a view: fingerprints of everything first, then, where these differ, row by row.
public struct ViewComparison {
    private let view: ProjectionName
    private let sample: SampledView?

    /// - Parameter sample: the rows to look at; `nil`: all.
    public init(_ view: ProjectionName, of sample: SampledView? = nil) {
        self.view = view
        self.sample = sample
    }

    /// - Parameters:
    ///   - live, rebuilt: states at the same position; each is read on a thread of its own for its fingerprints.
    ///   - body: called with every difference, by table and key.
    /// - Throws: `ReplayError` with `incompatible` when tables or columns differ; what the sources and `body` throw.
    public func run(
        live: any RowSource, rebuilt: any RowSource, shouldStop: @escaping @Sendable () -> Bool = { false },
        _ body: (RowDifference) throws -> Void
    ) throws -> ComparisonResult {
        guard live.tables == rebuilt.tables else { throw incompatible(live.tables, rebuilt.tables) }
        let tables = live.tables
        let sources = [live, rebuilt].map(Handed.init)
        let trees = try inParallel(2) { [sample] index in
            try tables.map { try Self.digest(sources[index].value, $0, sample?.filter($0), shouldStop) }
        }
        var result = ComparisonResult()
        (result.liveRows, result.liveDigest) = Self.folded(trees[0])
        (result.rebuiltRows, result.rebuiltDigest) = Self.folded(trees[1])
        for (index, table) in tables.enumerated() {
            let leaves = trees[0][index].differingLeaves(from: trees[1][index])
            guard !leaves.isEmpty else { continue }
            try RowComparison(view: view, table: table, includes: includes(leaves, table)).run(
                live: try live.cursor(table, columns: table.columns, ordered: true),
                rebuilt: try rebuilt.cursor(table, columns: table.columns, ordered: true)
            ) { difference in
                result.differences += 1
                try body(difference)
                if shouldStop() { throw ReplayError.interrupted }
            }
        }
        return result
    }

    /// Rows of these leaves, as far as they are looked at.
    private func includes(_ leaves: Set<Int>, _ table: StoredTable) -> (any RowCursor) throws -> Bool {
        let ofLeaves = RowComparison.ofLeaves(leaves, table)
        guard let chosen = sample?.filter(table) else { return ofLeaves }
        return { cursor in try ofLeaves(cursor) && chosen(cursor) }
    }

    /// The fingerprint of a whole view.
    public static func digest(of source: any RowSource) throws -> RowDigest {
        folded(try source.tables.map { try digest(source, $0, nil) { false } }).1
    }

    private static func digest(
        _ source: any RowSource, _ table: StoredTable, _ includes: ((any RowCursor) throws -> Bool)?,
        _ shouldStop: () -> Bool
    ) throws -> DigestTree {
        var tree = DigestTree()
        let cursor = try source.cursor(table, columns: table.columns, ordered: false)
        while try cursor.next() {
            if let includes, try !includes(cursor) { continue }
            var (row, owner) = (RowHash(seed: 1), RowHash(seed: 0))
            try cursor.digest(row: &row, owner: &owner, ownerColumn: table.owner)
            tree.add(row, owner: owner)
            if tree.rows & 0xffff == 0, shouldStop() { throw ReplayError.interrupted }
        }
        return tree
    }

    private static func folded(_ trees: [DigestTree]) -> (Int64, RowDigest) {
        var hash = RowHash(seed: 2)
        for tree in trees {
            hash.add(tree.root.high)
            hash.add(tree.root.low)
        }
        return (trees.reduce(0) { $0 + $1.rows }, hash.digest)
    }

    private func incompatible(_ live: [StoredTable], _ rebuilt: [StoredTable]) -> ReplayError {
        let names =
            live.filter { !rebuilt.contains($0) }.map(\.name) + rebuilt.filter { !live.contains($0) }.map(\.name)
        return ReplayError(
            .incompatible,
            "the \(view.rawValue) view: its active generation and the rebuilt one have other tables or columns "
                + "(\(Set(names).sorted().joined(separator: ", "))): start a projector of this version, which migrates "
                + "the active one, and try again")
    }
}

extension ReplayError {
    static let interrupted = ReplayError(
        .interrupted, "stopped; the same command goes on where it was", isRetriable: true)
}
