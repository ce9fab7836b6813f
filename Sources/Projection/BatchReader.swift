public import EventLog
import Messaging
import Wire

/// Reads and decodes the next records of the owned partitions into one batch, bounded in records and bytes.
struct BatchReader {
    let log: any EventLog
    let limits: ProjectorLimits

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
            var read = try log.read(
                partition, from: from, maxRecords: max(1, Int(share)),
                maxBytes: max(1, Int(Double(limits.batchBytes) * share / (total * factor))))
            if let late = read.entries.firstIndex(where: { $0.appendTime > horizon }) {
                read.nextOffset = read.entries[late].offset
                read.entries.removeSubrange(late...)
            }
            if read.nextOffset < end, let last = read.entries.last { topicHorizon = min(topicHorizon, last.appendTime) }
            guard read.nextOffset > from else { continue }
            append(read, to: &batch)
            batch.moves[partition] = ProjectionBatch.Move(from: from, to: read.nextOffset)
        }
        return batch
    }

    private func append(_ read: LogBatch, to batch: inout ProjectionBatch) {
        batch.items.reserveCapacity(batch.items.count + read.count)
        read.forEachRecord { batch.items.append(ProjectionBatch.Item($0, of: read.partition)) }
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
