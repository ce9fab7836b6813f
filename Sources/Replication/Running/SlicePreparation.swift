import ContentProtection
import EventLog
import Messaging
import Wire

/// Records of several lanes, translated and sealed: what remains is to append them.
struct PreparedSlice: Sendable {
    /// Records appended together.
    struct Batch: Sendable {
        var records = AppendBatch()
        /// How many legacy writes of which run are in it, in order.
        var writes: [(run: Int, count: Int)] = []
    }

    var runs: [LaneRun]
    var batches: [Batch] = []
}

/// One thread's part of an attempt: translates lanes one by one and seals what they become, as batches.
///
/// Threads: one at a time, as its sealer.
final class SlicePreparation {
    private let records: LegacyRecords
    private let sealing: RecordSealing

    init(keys: any KeyService, partitionCounts: PartitionCounts, records: LegacyRecords) throws {
        self.records = records
        sealing = try RecordSealing(keys: keys, partitionCounts: partitionCounts)
    }

    /// - Throws: `ContentProtectionError` that trying again does not mend, `LogError` for a defect.
    func prepare(_ runs: [LaneRun]) throws -> PreparedSlice {
        var slice = PreparedSlice(runs: runs)
        var commands = slice.runs.indices.map { translate(&slice.runs[$0]) }
        let translated = commands.map(\.count)
        do {
            try sealing.begin(commands.lazy.joined().joined())
            var batch = PreparedSlice.Batch()
            for index in slice.runs.indices {
                try seal(commands[index], of: index, in: &slice, &batch)
                commands[index] = []
            }
            if !batch.writes.isEmpty { slice.batches.append(batch) }
        } catch let error as ContentProtectionError where error.isRetriable {
            let failure = LaneFailure(.transient, "the keys are not reachable: \(error.code)")
            slice.batches = []
            for index in slice.runs.indices where translated[index] > 0 {
                slice.runs[index].failure = failure
                slice.runs[index].converters = []
            }
        }
        return slice
    }

    private func translate(_ run: inout LaneRun) -> [[ReplicatedCommand]] {
        var commands: [[ReplicatedCommand]] = []
        commands.reserveCapacity(run.records.count)
        for record in run.records {
            do { commands.append(try records.commands(of: record)) } catch {
                run.failure = LegacyRecords.failure(error)
                break
            }
        }
        return commands
    }

    private func seal(
        _ commands: [[ReplicatedCommand]], of index: Int, in slice: inout PreparedSlice,
        _ batch: inout PreparedSlice.Batch
    ) throws {
        var count = 0
        for own in commands {
            let isFull =
                batch.records.count + own.count > LogLimits.batchRecords
                || batch.records.bytes.count + own.count * Limits.recordBytes > LogLimits.batchBytes
            if isFull {
                if count > 0 { batch.writes.append((index, count)) }
                slice.batches.append(batch)
                batch = PreparedSlice.Batch()
                count = 0
            }
            do { try sealing.add(own, to: &batch.records) } catch let error as WireError {
                slice.runs[index].failure = LaneFailure(.permanent, error.message)
                break
            }
            count += 1
            slice.runs[index].converters.append(own.map(\.converters))
        }
        if count > 0 { batch.writes.append((index, count)) }
    }
}
