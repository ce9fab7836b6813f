import ContentProtection
import EventLog
import Messaging
import Wire

/// One lane's attempt: its records, and what came of them.
struct LaneRun {
    var lane: ConversationID
    var positions: [Position]
    var records: [Payload] = []
    var applied = 0
    var failure: LaneFailure?
    /// Commands of the records that could be translated, in order.
    var commands: [[ReplicatedCommand]] = []
    /// Records in the batch that is not appended yet.
    var pending = 0

    init(lane: ConversationID, positions: [Position]) {
        self.lane = lane
        self.positions = positions
    }
}

/// Attempts many lanes in one go: translated one by one, sealed and appended as batches.
final class LaneAttempts {
    private let log: any EventLog
    private let records: LegacyRecords
    private let sealing: RecordSealing
    private var batch = AppendBatch()
    /// The log or the keys have failed in this attempt.
    private var isBroken = false

    init(log: any EventLog, keys: any KeyService, records: LegacyRecords) throws {
        self.log = log
        self.records = records
        sealing = try RecordSealing(keys: keys, partitionCounts: log.partitionCounts)
    }

    /// - Throws: `LogError` or `ContentProtectionError` that trying again does not mend.
    func attempt(_ given: [LaneRun], nowMicros: Int64, report: inout ReplicationReport) throws -> [LaneRun] {
        var runs = given
        for index in runs.indices { translate(&runs[index], nowMicros: nowMicros) }
        do {
            try sealing.begin(runs.lazy.flatMap(\.commands).flatMap { $0 })
            isBroken = false
            for index in runs.indices where !isBroken { try add(index, of: &runs) }
            if !isBroken { try flush(&runs) }
        } catch let error as ContentProtectionError where error.isRetriable {
            fail(&runs, LaneFailure(.transient, "the keys are not reachable: \(error.code)"))
        }
        count(runs, into: &report)
        return runs
    }

    private func translate(_ run: inout LaneRun, nowMicros: Int64) {
        for record in run.records {
            do {
                run.commands.append(try records.commands(of: record, nowMicros: nowMicros))
            } catch {
                run.failure = LegacyRecords.failure(error)
                return
            }
        }
    }

    private func add(_ index: Int, of runs: inout [LaneRun]) throws {
        for commands in runs[index].commands {
            let isFull =
                batch.count + commands.count > LogLimits.batchRecords
                || batch.bytes.count + commands.count * Limits.recordBytes > LogLimits.batchBytes
            if isFull {
                try flush(&runs)
                if isBroken { return }
            }
            do {
                try sealing.add(commands, to: &batch)
                runs[index].pending += 1
            } catch let error as WireError {
                runs[index].failure = LaneFailure(.permanent, error.message)
                return
            }
        }
    }

    /// Appends what is in the batch: what was pending is applied, or failed.
    private func flush(_ runs: inout [LaneRun]) throws {
        defer { batch.removeAll() }
        do {
            if !batch.isEmpty { _ = try log.append(batch) }
            for index in runs.indices {
                runs[index].applied += runs[index].pending
                runs[index].pending = 0
            }
        } catch let error as LogError where error.isRetriable || error.outcomeUnknown {
            fail(&runs, LaneFailure(.transient, "the log does not take records: \(error.code.rawValue)"))
        }
    }

    /// Everything that could be translated and is not applied yet failed, whatever comes behind it.
    private func fail(_ runs: inout [LaneRun], _ failure: LaneFailure) {
        isBroken = true
        batch.removeAll()
        for index in runs.indices where runs[index].applied < runs[index].commands.count {
            runs[index].pending = 0
            runs[index].failure = failure
        }
    }

    private func count(_ runs: [LaneRun], into report: inout ReplicationReport) {
        for run in runs {
            report.applied += run.applied
            if let failure = run.failure { report.failures[failure.kind, default: 0] += 1 }
            for command in run.commands.prefix(run.applied).joined() {
                report.commands += 1
                report.converters[command.converter, default: 0] += 1
            }
        }
    }
}
