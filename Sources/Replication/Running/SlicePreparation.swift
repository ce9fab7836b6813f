import ContentProtection
import EventLog
import LegacyMailbox
import Messaging
import Wire

/// Records of several lanes, translated and sealed: what remains is to append them.
struct PreparedSlice: Sendable {
    /// Records appended together.
    struct Batch: Sendable {
        var records = AppendBatch()
        /// How many legacy writes of which run are in it, in order.
        var writes: [(run: Int, count: Int)] = []
        var made = CommandCounts()
    }

    var runs: [LaneRun]
    var batches: [Batch] = []
    /// What is appended of it.
    var applied = CommandCounts()
}

/// Commands, in all and by the converter that made them.
struct CommandCounts: Sendable {
    private(set) var commands = 0
    /// By the list of converters that made them together; there are few such lists.
    private(set) var lists: [(converters: [String], count: Int)] = []

    mutating func count(_ made: [ReplicatedCommand]) {
        for command in made { add(1, by: command.converters) }
    }

    mutating func add(_ other: CommandCounts) {
        for (converters, count) in other.lists { add(count, by: converters) }
    }

    private mutating func add(_ count: Int, by converters: [String]) {
        commands += count
        if let known = lists.firstIndex(where: { $0.converters == converters }) {
            lists[known].count += count
        } else {
            lists.append((converters, count))
        }
    }
}

/// One thread's part of an attempt: translates lanes one by one and seals what they become, as batches.
///
/// Threads: one at a time, as its sealer.
final class SlicePreparation {
    private let records: LegacyRecords
    private let known: LegacyIdentifierCache
    private let sealing: RecordSealing

    init(keys: any KeyService, partitionCounts: PartitionCounts, records: LegacyRecords) throws {
        self.records = records
        known = LegacyIdentifierCache(records.identifiers)
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
            batch.records.reserve(for: slice.runs, commands)
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
                slice.runs[index].sealed = 0
            }
        }
        return slice
    }

    private func translate(_ run: inout LaneRun) -> [[ReplicatedCommand]] {
        var commands: [[ReplicatedCommand]] = []
        commands.reserveCapacity(run.records.count)
        for record in run.records {
            do { commands.append(try records.commands(of: record, known: known)) } catch {
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
            slice.runs[index].sealed += 1
            batch.made.count(own)
        }
        if count > 0 { batch.writes.append((index, count)) }
    }
}

extension AppendBatch {
    /// Room for what these runs are likely to become, so that nothing is moved while it grows.
    fileprivate mutating func reserve(for runs: [LaneRun], _ commands: [[[ReplicatedCommand]]]) {
        let count = commands.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
        let given = runs.reduce(0) { $0 + $1.records.reduce(0) { $0 + $1.value.count } }
        reserve(records: count, bytes: min(given + 384 * count, LogLimits.batchBytes))
    }
}
