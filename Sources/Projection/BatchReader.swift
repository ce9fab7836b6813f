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
        var topicHorizon = Int64.max
        var topic = behind[0].0.topic
        for (partition, from, end) in behind {
            if partition.topic != topic {
                topic = partition.topic
                horizon = topicHorizon
            }
            let share = Double(end - from) * factor
            let pieces = try read(
                partition, from..<end, notAfter: horizon, maxRecords: max(1, Int(share)),
                maxBytes: max(1, Int(Double(limits.batchBytes) * share / (total * factor))))
            let next = pieces.last?.nextOffset ?? from
            if next < end, let last = pieces.last?.entries.last { topicHorizon = min(topicHorizon, last.appendTime) }
            guard next > from else { continue }
            for piece in pieces { append(piece, to: &batch) }
            batch.moves[partition] = ProjectionBatch.Move(from: from, to: next)
        }
        return batch
    }

    /// Reads a partition's next records that are not after a time: those that came too early, then the log.
    private func read(
        _ partition: TopicPartition, _ offsets: Range<Int64>, notAfter horizon: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> [LogBatch] {
        var pieces: [LogBatch] = []
        var (next, records, bytes) = (offsets.lowerBound, maxRecords, maxBytes)
        // A log may give less than it is asked for.
        while records > 0, bytes > 0, next < offsets.upperBound {
            let kept = early.take(partition, from: next)
            var read = try kept ?? log.read(partition, from: next, maxRecords: records, maxBytes: bytes)
            let inTime = read.entries.prefix(records).prefix { $0.appendTime <= horizon }.count
            let isCut = inTime < read.count
            if isCut { early.keep(read.split(at: inTime)) }
            pieces.append(read)
            if isCut || read.nextOffset == next { break }
            next = read.nextOffset
            records -= read.count
            bytes -= read.entries.reduce(0) { $0 + Int($1.keyCount) + Int($1.valueCount) }
        }
        return pieces
    }

    private func append(_ read: LogBatch, to batch: inout ProjectionBatch) {
        batch.items.reserveCapacity(batch.items.count + read.count)
        read.forEachRecord { batch.items.append(ProjectionBatch.Item($0, of: read.partition)) }
    }
}

/// Records that were read too early, for the next batch: a log is fast for who reads on, not for who goes back.
///
/// At most what a batch reads of each partition. Threads: any.
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
