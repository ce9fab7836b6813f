public import EventLog
import Projection
import ViewStorage

/// What a repair came to.
public struct RepairAnswer: Sendable, Equatable {
    /// Rows that were, or would be, changed.
    public var differences: Int64
    /// Whether they were changed.
    public var isRepaired: Bool
    /// Where the view stood.
    public var positions: [TopicPartition: Int64]
}

extension ViewReplay {
    /// Makes the selected rows of the live view what a rebuild says, in one transaction, and leaves all others alone.
    ///
    /// While the rows are compared and changed the live view cannot be written; its projector goes on behind that.
    /// - Parameters:
    ///   - isDryRun: only says what would be changed.
    ///   - body: called with each row that is, or would be, changed.
    public func repair(
        _ selection: RepairSelection, isDryRun: Bool, _ body: (RowDifference) throws -> Void
    ) throws -> RepairAnswer {
        guard let lock = try generations.lock() else { throw busy }
        defer { withExtendedLifetime(lock) {} }
        guard try generations.livePositions() != nil else { throw notMade }
        defer { discard() }
        do { return try repairLive(selection, isDryRun: isDryRun, body) } catch let error as ProjectionError
            where error.code == .full
        { throw full(error) }
    }

    private func repairLive(
        _ selection: RepairSelection, isDryRun: Bool, _ body: (RowDifference) throws -> Void
    ) throws -> RepairAnswer {
        let generation = try build()
        let counts = log.partitionCounts
        if isDryRun {
            let live = try generations.rows(of: try generations.active())
            let positions = try live.positions()
            try advance(try open(), to: positions)
            let found = try differences(live, try generations.rows(of: generation), selection, counts, body)
            return RepairAnswer(differences: found, isRepaired: false, positions: positions)
        }
        var answer = RepairAnswer(differences: 0, isRepaired: true, positions: [:])
        let store = try open()
        try generations.change { live, positions, change in
            try advance(store, to: positions, isHurried: true)
            answer.positions = positions
            var found: [RowDifference] = []
            answer.differences = try differences(live, try generations.rows(of: generation), selection, counts) {
                found.append($0)
                try body($0)
            }
            for difference in found { try change(difference) }
        }
        return answer
    }

    private func differences(
        _ live: any RowSource, _ rebuilt: any RowSource, _ selection: RepairSelection, _ counts: PartitionCounts,
        _ body: (RowDifference) throws -> Void
    ) throws -> Int64 {
        var count: Int64 = 0
        for table in live.tables {
            guard let filter = selection.filter(table, counts) else { continue }
            try RowComparison(view: generations.projection, table: table, includes: filter).run(
                live: try live.cursor(table, columns: table.columns, ordered: true),
                rebuilt: try rebuilt.cursor(table, columns: table.columns, ordered: true)
            ) { difference in
                count += 1
                try body(difference)
            }
        }
        return count
    }
}
