import EventLog

/// Appends prepared slices: as many together as the log takes in one batch.
struct SliceAppender: Sendable {
    let log: any EventLog

    /// - Returns: the slices, whose runs say what is applied and what failed.
    /// - Throws: `LogError` that trying again does not mend.
    func append(_ slices: [PreparedSlice]) throws -> [PreparedSlice] {
        var slices = slices
        var group = AppendBatch()
        var parts: [(slice: Int, batch: Int)] = []
        do {
            for index in slices.indices {
                for (number, batch) in slices[index].batches.enumerated() {
                    if !group.hasRoom(for: batch.records) { try append(&group, &parts, &slices) }
                    if group.isEmpty { group = batch.records } else { group.add(contentsOf: batch.records) }
                    parts.append((index, number))
                }
            }
            try append(&group, &parts, &slices)
        } catch let error as LogError where error.isRetriable || error.outcomeUnknown {
            // What follows is not tried: it would fail as well, and each failure may take long to show.
            let failure = LaneFailure(.transient, "the log does not take records: \(error.code.rawValue)")
            for index in slices.indices { slices[index].fail(failure) }
        }
        return slices
    }

    private func append(
        _ group: inout AppendBatch, _ parts: inout [(slice: Int, batch: Int)], _ slices: inout [PreparedSlice]
    ) throws {
        // A write may become no command at all.
        if !group.isEmpty { _ = try log.append(group) }
        for (slice, batch) in parts { slices[slice].noteApplied(batch) }
        group = AppendBatch()
        parts.removeAll(keepingCapacity: true)
    }
}

extension AppendBatch {
    fileprivate func hasRoom(for other: AppendBatch) -> Bool {
        count + other.count <= LogLimits.batchRecords && bytes.count + other.bytes.count <= LogLimits.batchBytes
    }
}

extension PreparedSlice {
    fileprivate mutating func noteApplied(_ number: Int) {
        for (run, count) in batches[number].writes { runs[run].applied += count }
        applied.add(batches[number].made)
        batches[number].records = AppendBatch()
    }

    /// Whatever is not applied yet has failed for this reason, but where all that could be sealed is applied: there what
    /// failed of its own stands first.
    fileprivate mutating func fail(_ failure: LaneFailure) {
        for index in runs.indices where runs[index].applied < runs[index].positions.count {
            let isOwn = runs[index].failure != nil && runs[index].applied == runs[index].sealed
            if !isOwn { runs[index].failure = failure }
        }
    }
}
