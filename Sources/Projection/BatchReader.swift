public import EventLog
import Messaging
import Synchronization
import Wire

/// Reads and decodes the next records of the owned partitions into one batch, bounded in records and bytes.
struct BatchReader {
    let log: any EventLog
    let limits: ProjectorLimits
    private let early = EarlyRecords()

    init(log: any EventLog, limits: ProjectorLimits) {
        self.log = log
        self.limits = limits
    }

    /// - Parameters:
    ///   - positions: next offset of every owned partition.
    ///   - until: partitions that must not be read beyond an offset; others up to their end.
    /// - Returns: `nil` when there is nothing to read.
    func next(
        _ positions: [TopicPartition: Int64], until bounds: [TopicPartition: Int64], maxRecords: Int
    ) throws -> ProjectionBatch? {
        let ends = try log.endOffsets()
        var behind: [(TopicPartition, from: Int64, end: Int64)] = []
        for (partition, from) in positions {
            let end = min(ends[partition] ?? 0, bounds[partition] ?? .max)
            if from < end { behind.append((partition, from, end)) }
        }
        guard !behind.isEmpty else { return nil }
        behind.sort { $0.0 < $1.0 }
        return try read(behind, maxRecords: maxRecords)
    }

    /// Reads from every partition in proportion to how far it is behind, so that all reach their ends together.
    ///
    /// Topics are read in order, and a later one no further in time than the earlier one has come: what members ask about
    /// messages is then seldom seen before the messages. (It may be: the folds wait for what is missing.)
    private func read(
        _ behind: [(TopicPartition, from: Int64, end: Int64)], maxRecords: Int
    ) throws -> ProjectionBatch {
        var batch = ProjectionBatch()
        let total = behind.reduce(0) { $0 + Double($1.end - $1.from) }
        let factor = min(1, Double(maxRecords) / total)
        var horizon = Int64.max
        for topic in Set(behind.map(\.0.topic)).sorted() {
            var parts = behind.filter { $0.0.topic == topic }.map { partition, from, end in
                let share = Double(end - from) * factor
                let bytes = max(1, Int(Double(limits.batchBytes) * share / (total * factor)))
                return Part(
                    partition: partition, from: from, end: end, records: max(1, Int(share)), bytes: bytes,
                    earlyBytes: bytes / 2)
            }
            try read(&parts, notAfter: horizon)
            // One that was read to its end holds nothing back: the horizon is how far the others have come.
            for part in parts where part.next < part.end {
                if let last = part.pieces.last?.entries.last { horizon = min(horizon, last.appendTime) }
            }
            for part in parts where part.next > part.from {
                for piece in part.pieces { append(piece, to: &batch) }
                batch.moves[part.partition] = ProjectionBatch.Move(from: part.from, to: part.next)
            }
        }
        return batch
    }

    /// What is read of one partition.
    private struct Part {
        let partition: TopicPartition
        let from: Int64
        let end: Int64
        /// How many are wanted still.
        var records: Int
        var bytes: Int
        /// What may be kept of records that came too early.
        let earlyBytes: Int
        var pieces: [LogBatch] = []
        /// Nothing more is there, or it is too early.
        var isCut = false

        var next: Int64 { pieces.last?.nextOffset ?? from }
        var isDone: Bool { records <= 0 || bytes <= 0 || next >= end || isCut }
    }

    /// Reads partitions' next records that are not after a time.
    ///
    /// A log may give less than it is asked for, what is there at once: all partitions are read in turns, so that the log
    /// fetches more of all of them at the same time.
    private func read(_ parts: inout [Part], notAfter horizon: Int64) throws {
        while parts.contains(where: { !$0.isDone }) {
            for index in parts.indices where !parts[index].isDone { try read(&parts[index], notAfter: horizon) }
        }
    }

    /// Reads on: what came too early, else what the log gives.
    private func read(_ part: inout Part, notAfter horizon: Int64) throws {
        let next = part.next
        var read =
            try early.take(part.partition, from: next)
            ?? log.read(part.partition, from: next, maxRecords: part.records, maxBytes: part.bytes)
        let inTime = read.entries.prefix(part.records).prefix {
            $0.appendTime <= horizon && $0.offset < part.end
        }
        part.isCut = inTime.count < read.count || read.nextOffset == next
        if inTime.count < read.count {
            let rest = read.split(at: inTime.count)
            if rest.recordBytes <= part.earlyBytes { early.keep(rest) }
        }
        part.records -= read.count
        part.bytes -= read.recordBytes
        part.pieces.append(read)
    }

    private func append(_ read: LogBatch, to batch: inout ProjectionBatch) {
        batch.items.reserveCapacity(batch.items.count + read.count)
        read.forEachRecord { batch.items.append(ProjectionBatch.Item($0, of: read.partition)) }
    }
}

/// Records that were read too early, for the next batch: a log is fast for who reads on, not for who goes back.
///
/// At most half as many bytes as a batch reads of each partition. Threads: any.
private final class EarlyRecords: Sendable {
    private let kept = Mutex<[TopicPartition: LogBatch]>([:])

    func keep(_ batch: LogBatch) { kept.withLock { $0[batch.partition] = batch } }

    /// What is kept of a partition, if it begins at an offset; anything else is forgotten.
    func take(_ partition: TopicPartition, from offset: Int64) -> LogBatch? {
        let batch = kept.withLock { $0.removeValue(forKey: partition) }
        return batch?.entries.first?.offset == offset ? batch : nil
    }
}

extension LogBatch {
    /// Of keys and values.
    fileprivate var recordBytes: Int { entries.reduce(0) { $0 + Int($1.keyCount) + Int($1.valueCount) } }

    /// Cuts off the records from an index on.
    /// - Returns: those.
    fileprivate mutating func split(at index: Int) -> LogBatch {
        var rest = self
        rest.entries.removeSubrange(..<index)
        nextOffset = entries[index].offset
        entries.removeSubrange(index...)
        return rest
    }
}

extension ProjectionBatch.Item {
    /// Decodes what stands in the log; bytes that are no record, or one of another topic, are unreadable.
    public init(_ entry: LogBatch.Record, of partition: TopicPartition) {
        do {
            let record = try RecordCodec.decode(entry.value)
            if record.command.isPersonal != (partition.topic == .memberCommands) {
                throw WireError(.malformed, "a \(record.command.name) does not belong in \(partition.topic.name)")
            }
            self = .record(
                LoggedRecord(
                    record: record, partition: partition.partition, offset: entry.offset, appendTime: entry.appendTime))
        } catch {
            self = .unreadable(
                UnreadableRecord(
                    partition: partition, offset: entry.offset, appendTime: entry.appendTime, key: Array(entry.key),
                    value: Array(entry.value), reason: "\(error)"))
        }
    }
}
