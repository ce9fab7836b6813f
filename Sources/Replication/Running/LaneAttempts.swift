import ContentProtection
import EventLog
import Messaging

/// One lane's attempt: its records, and what came of them.
struct LaneRun: Sendable {
    var lane: ConversationID
    var positions: [Position]
    var records: [Payload] = []
    /// How many of the records, from the first on, could be translated and sealed.
    var sealed = 0
    var applied = 0
    var failure: LaneFailure?

    init(lane: ConversationID, positions: [Position]) {
        self.lane = lane
        self.positions = positions
    }
}

/// Attempts many lanes, in slices that are prepared and appended on other threads.
///
/// Threads: one at a time.
final class LaneAttempts {
    private let pipeline: SlicePipeline

    /// - Parameter threads: that translate and seal.
    init(log: any EventLog, keys: any KeyService, records: LegacyRecords, threads: Int) throws {
        let counts = log.partitionCounts
        let preparations = try (0..<threads).map { _ in
            try SlicePreparation(keys: keys, partitionCounts: counts, records: records)
        }
        pipeline = SlicePipeline(preparations, SliceAppender(log: log))
    }

    /// How many more slices may be given at once.
    var room: Int { pipeline.room }
    var isEmpty: Bool { pipeline.inHand == 0 }

    /// - Parameter runs: of lanes that are in no other slice under way.
    func give(_ runs: [LaneRun]) { pipeline.give(runs) }

    /// Whether ``append()`` would begin an append.
    var mayAppend: Bool { pipeline.mayAppend }

    /// Begins an append of what is prepared.
    func append() { pipeline.append() }

    /// Waits until there is something to take or to append, at most so long.
    func wait(millis: Int64) { pipeline.wait(untilNanos: Monitor.deadline(afterMillis: Int(millis))) }

    /// The attempts that are through.
    /// - Throws: `LogError` or `ContentProtectionError` that trying again does not mend.
    func take(report: inout ReplicationReport) throws -> [LaneRun] {
        var runs: [LaneRun] = []
        for slice in try pipeline.take() {
            report.add(slice.applied)
            runs += slice.runs
        }
        for run in runs {
            report.applied += run.applied
            if let failure = run.failure { report.failures[failure.kind, default: 0] += 1 }
        }
        return runs
    }
}
