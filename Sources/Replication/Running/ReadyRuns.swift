/// Attempts that wait for a thread, in the order in which the scheduler wants them.
struct ReadyRuns {
    private var runs: [LaneRun] = []
    private var start = 0

    var isEmpty: Bool { start == runs.count }

    mutating func append(_ run: LaneRun) { runs.append(run) }

    /// As many as a slice of so many records holds; at least one.
    /// - Precondition: not empty.
    mutating func takeSlice(records most: Int) -> [LaneRun] {
        let first = start
        var taken = 0
        repeat {
            taken += runs[start].positions.count
            start += 1
        } while start < runs.count && taken + runs[start].positions.count <= most
        defer { forgetTaken() }
        return Array(runs[first..<start])
    }

    private mutating func forgetTaken() {
        guard isEmpty || start > 1_024 && start * 2 > runs.count else { return }
        runs.removeFirst(start)
        start = 0
    }
}
