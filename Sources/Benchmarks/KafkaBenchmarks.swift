import CRDKafka
import EventLog
public import KafkaLog

/// What the log on Kafka costs beside bare calls of librdkafka on the same brokers. Topics are made and deleted.
public enum KafkaBenchmarks {
    static let recordBytes = 200
    static let batchRecords = 10_000
    static let appenders = 4
    private static let topic = Topic.conversationCommands

    /// `produce.kafka`: four callers append batches of 10,000 records of 200 bytes over 8 partitions, `acks=all`. The floor
    /// calls `rd_kafka_produce_batch` in a loop, an idempotent producer too, and waits for the last report.
    public static func produce(_ settings: KafkaSettings, runs: Int = 7, batches: Int = 300) throws -> Measurement {
        let records = Double(batches * batchRecords)
        return try Measurement.inTurns(name: "produce.kafka", unit: "records/s", runs: runs) { _ in
            try withScratchTopics(settings, partitions: Payload.partitions) { settings in
                let producer = try BareProducer(settings, topic)
                defer { producer.close() }
                try producer.produce(Payload.one(), times: 1)
                let batch = Payload.batch()
                let watch = Stopwatch()
                try producer.produce(batch, times: batches)
                return records / watch.seconds
            }
        } value: { _ in
            try withScratchTopics(settings, partitions: Payload.partitions) { settings in
                let log = try KafkaLog(settings)
                defer { log.close() }
                // Connections are made before the watch starts, here and in the bare loop.
                _ = try log.append(Payload.one())
                let batch = Payload.batch()
                let watch = Stopwatch()
                try onThreads(appenders) { _ in
                    for _ in 0..<batches / appenders { _ = try log.append(batch) }
                }
                return records / watch.seconds
            }
        }
    }

    /// `consume.kafka`: everything of 8 partitions, read in turns of 10,000 records of 200 bytes. The floor calls
    /// `rd_kafka_consume_batch_queue` in a loop, with the same settings, and looks at no byte.
    public static func consume(_ settings: KafkaSettings, runs: Int = 7, batches: Int = 600) throws -> Measurement {
        try withScratchTopics(settings, partitions: Payload.partitions) { settings in
            let log = try KafkaLog(settings)
            let batch = Payload.batch()
            for _ in 0..<batches { _ = try log.append(batch) }
            let counts = log.partitionCounts
            log.close()
            return try Measurement.inTurns(name: "consume.kafka", unit: "records/s", runs: runs) { _ in
                let consumer = try BareConsumer(settings, topic, counts)
                defer { consumer.close() }
                let watch = Stopwatch()
                try consumer.consume(batches * batchRecords)
                return Double(batches * batchRecords) / watch.seconds
            } value: { _ in
                let log = try KafkaLog(settings)
                defer { log.close() }
                let watch = Stopwatch()
                return Double(try readAll(log)) / watch.seconds
            }
        }
    }

    private static func readAll(_ log: KafkaLog) throws -> Int {
        var positions = try log.endOffsets().filter { $0.value > 0 }.map {
            (partition: $0.key, next: Int64(0), end: $0.value)
        }
        var count = 0
        while !positions.isEmpty {
            for index in positions.indices {
                let batch = try log.read(
                    positions[index].partition, from: positions[index].next, maxRecords: batchRecords,
                    maxBytes: 16 << 20)
                positions[index].next = batch.nextOffset
                count += batch.count
            }
            positions.removeAll { $0.next >= $0.end }
        }
        return count
    }
}

/// Records of 200 bytes with random content, over 8 partitions.
private enum Payload {
    static let partitions = 8

    static func batch() -> AppendBatch { records(KafkaBenchmarks.batchRecords) }

    static func one() -> AppendBatch { records(partitions) }

    private static func records(_ count: Int) -> AppendBatch {
        var random = SplitMix(state: 5)
        var batch = AppendBatch(reservingRecords: count, bytes: count * KafkaBenchmarks.recordBytes)
        for number in 0..<count {
            batch.add(
                to: TopicPartition(.conversationCommands, Int32(number % partitions)), key: random.bytes(16),
                value: random.bytes(KafkaBenchmarks.recordBytes - 16))
        }
        return batch
    }
}
