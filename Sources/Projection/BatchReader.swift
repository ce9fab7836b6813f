import EventLog
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
        var batch = ProjectionBatch()
        var records = maxRecords
        var bytes = limits.batchBytes
        for (index, (partition, from, end)) in behind.enumerated() where records > 0 && bytes > 0 {
            let left = behind.count - index
            let share = min(max(records / left, 1), Int(clamping: end - from))
            let read = try log.read(
                partition, from: from, maxRecords: share, maxBytes: max(bytes / left, LogLimits.recordBytes))
            append(read, to: &batch)
            batch.moves[partition] = ProjectionBatch.Move(from: from, to: read.nextOffset)
            records -= read.count
            bytes -= read.entries.reduce(0) { $0 + Int($1.valueCount) }
        }
        return batch
    }

    private func append(_ read: LogBatch, to batch: inout ProjectionBatch) {
        batch.items.reserveCapacity(batch.items.count + read.count)
        let personal = read.partition.topic == .memberCommands
        read.forEachRecord { entry in
            do {
                let record = try RecordCodec.decode(entry.value)
                if record.command.isPersonal != personal {
                    throw WireError(.malformed, "a \(record.command.name) does not belong in \(read.partition.topic.name)")
                }
                batch.items.append(
                    .record(
                        LoggedRecord(
                            record: record, partition: read.partition.partition, offset: entry.offset,
                            appendTime: entry.appendTime)))
            } catch {
                batch.items.append(
                    .unreadable(
                        UnreadableRecord(
                            partition: read.partition, offset: entry.offset, appendTime: entry.appendTime,
                            key: Array(entry.key), value: Array(entry.value), reason: "\(error)")))
            }
        }
    }
}
