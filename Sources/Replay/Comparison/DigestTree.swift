public import ViewStorage

/// The fingerprints of a table's rows, by whose they are, folded to a tree of bounded size.
///
/// A leaf is the sum of the fingerprints of the rows whose owners fall to it, in any order. Two tables are the same when
/// their roots are; when not, the tree says which leaves to look into.
public struct DigestTree: Sendable, Equatable {
    /// Each inner node has 16 children, in three levels.
    static let leafCount = 4096
    private static let fanout = 16

    private var leaves = [RowDigest](repeating: RowDigest(), count: Self.leafCount)
    public private(set) var rows: Int64 = 0

    public init() {}

    /// The leaf of an owner.
    @inline(__always)
    public static func leaf(of owner: RowHash) -> Int { Int(owner.digest.low & UInt64(leafCount - 1)) }

    @inline(__always)
    public mutating func add(_ row: RowHash, owner: RowHash) {
        leaves[Self.leaf(of: owner)] += row.digest
        rows += 1
    }

    /// The levels from the leaves (first) to the root (last).
    private var levels: [[RowDigest]] {
        var levels = [leaves]
        while levels.last!.count > 1 {
            let below = levels.last!
            levels.append(
                stride(from: 0, to: below.count, by: Self.fanout).map { Self.fold(below[$0..<$0 + Self.fanout]) })
        }
        return levels
    }

    private static func fold(_ children: ArraySlice<RowDigest>) -> RowDigest {
        var hash = RowHash(seed: 16)
        for child in children {
            hash.add(child.high)
            hash.add(child.low)
        }
        return hash.digest
    }

    public var root: RowDigest { levels.last![0] }

    /// The leaves that are not the same in both trees, found from the root down.
    public func differingLeaves(from other: DigestTree) -> Set<Int> {
        let (mine, theirs) = (levels, other.levels)
        var nodes = mine.last! == theirs.last! ? [] : [0]
        for level in (0..<mine.count - 1).reversed() {
            nodes = nodes.flatMap { node in (0..<Self.fanout).map { node * Self.fanout + $0 } }
                .filter { mine[level][$0] != theirs[level][$0] }
        }
        return Set(nodes)
    }
}
