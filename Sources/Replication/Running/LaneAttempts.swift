import ContentProtection
import EventLog
import Messaging

/// One lane's attempt: its records, and what came of them.
struct LaneRun: Sendable {
    var lane: ConversationID
    var positions: [Position]
    var records: [Payload] = []
    var applied = 0
    var failure: LaneFailure?
    /// Who made the commands of each record that could be sealed, in order: the converters of each command.
    var converters: [[[String]]] = []

    init(lane: ConversationID, positions: [Position]) {
        self.lane = lane
        self.positions = positions
    }
}

/// Attempts many lanes: slices are translated and sealed on threads of their own while others are appended, in the order
/// in which they were given.
///
/// Threads: one at a time.
final class LaneAttempts {
    private let log: any EventLog
    private let workers: SliceWorkers

    /// - Parameter threads: that translate and seal.
    init(log: any EventLog, keys: any KeyService, records: LegacyRecords, threads: Int) throws {
        self.log = log
        let counts = log.partitionCounts
        let preparations = try (0..<threads).map { _ in
            try SlicePreparation(keys: keys, partitionCounts: counts, records: records)
        }
        workers = SliceWorkers(preparations)
    }

    /// Whether another slice may be given before one is taken back.
    var hasRoom: Bool { workers.inHand <= workers.count }
    var isEmpty: Bool { workers.inHand == 0 }

    /// - Parameter runs: of lanes that are in no other slice under way.
    func give(_ runs: [LaneRun]) { workers.give(runs) }

    /// The oldest slice that was given, appended.
    /// - Throws: `LogError` or `ContentProtectionError` that trying again does not mend.
    func take(report: inout ReplicationReport) throws -> [LaneRun] {
        var slice = try workers.take()
        for batch in slice.batches {
            do {
                if !batch.records.isEmpty { _ = try log.append(batch.records) }
            } catch let error as LogError where error.isRetriable || error.outcomeUnknown {
                fail(&slice.runs, LaneFailure(.transient, "the log does not take records: \(error.code.rawValue)"))
                break
            }
            for (run, count) in batch.writes { slice.runs[run].applied += count }
        }
        count(slice.runs, into: &report)
        return slice.runs
    }

    /// Whatever is not applied yet has failed for this reason, but where all that could be sealed is applied: there what
    /// failed of its own stands first.
    private func fail(_ runs: inout [LaneRun], _ failure: LaneFailure) {
        for index in runs.indices where runs[index].applied < runs[index].positions.count {
            let isOwn = runs[index].failure != nil && runs[index].applied == runs[index].converters.count
            if !isOwn { runs[index].failure = failure }
        }
    }

    private func count(_ runs: [LaneRun], into report: inout ReplicationReport) {
        for run in runs {
            report.applied += run.applied
            if let failure = run.failure { report.failures[failure.kind, default: 0] += 1 }
            for converters in run.converters.prefix(run.applied).joined() {
                report.commands += 1
                for converter in converters { report.converters[converter, default: 0] += 1 }
            }
        }
    }
}
