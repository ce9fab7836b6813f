import EventLog
import Messaging
import Wire

/// Encodes records into batches.
struct RecordSink {
    let log: any EventLog
    var batch = AppendBatch()
    var buffer: [UInt8] = []

    mutating func add(_ record: Record) throws {
        buffer.removeAll(keepingCapacity: true)
        try RecordCodec.encode(record, into: &buffer)
        let topic: Topic = record.command.isPersonal ? .memberCommands : .conversationCommands
        let partition = Partitioner.partition(of: record.key, count: log.partitionCounts[topic])
        batch.add(to: TopicPartition(topic, partition), key: record.key.bytes, value: buffer)
        if batch.count == 10_000 { try flush() }
    }

    mutating func flush() throws {
        _ = try log.append(batch)
        batch = AppendBatch()
    }
}
