import CRDKafka
import EventLog
import Glibc
import KafkaLog

/// librdkafka's batch produce, called in a loop: the floor of `produce.kafka`.
final class BareProducer {
    private let client: OpaquePointer
    private let topic: OpaquePointer

    init(_ settings: KafkaSettings, _ topic: Topic) throws {
        let configuration = try bareConfiguration(settings.benchmarkProducerProperties)
        rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
            guard let message, message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { abort() }
        }
        client = try bareClient(RD_KAFKA_PRODUCER, configuration)
        self.topic = rd_kafka_topic_new(client, settings.name(of: topic), nil)
    }

    /// Sends a batch so many times and waits for the last report.
    func produce(_ batch: AppendBatch, times: Int) throws {
        let limit = Int32((KafkaBenchmarks.appenders - 1) * KafkaBenchmarks.batchRecords)
        let count = max(1, batch.count)
        let messages = UnsafeMutablePointer<rd_kafka_message_t>.allocate(capacity: count)
        defer { messages.deallocate() }
        try batch.bytes.withUnsafeBytes { raw in
            for _ in 0..<times {
                memset(messages, 0, count * MemoryLayout<rd_kafka_message_t>.stride)
                for (index, entry) in batch.entries.enumerated() {
                    messages[index].partition = entry.partition.partition
                    messages[index].key = UnsafeMutableRawPointer(mutating: raw.baseAddress! + entry.start)
                    messages[index].key_len = entry.keyCount
                    messages[index].payload = UnsafeMutableRawPointer(
                        mutating: raw.baseAddress! + entry.valueRange.lowerBound)
                    messages[index].len = entry.valueCount
                }
                // As much under way as our appenders have: a longer queue makes librdkafka slower.
                while rd_kafka_outq_len(client) > limit { rd_kafka_poll(client, 1) }
                let taken = rd_kafka_produce_batch(topic, -1, RD_KAFKA_MSG_F_PARTITION, messages, Int32(batch.count))
                guard Int(taken) == batch.count else { throw LogError(.busy, "the bare producer's queue is full") }
                rd_kafka_poll(client, 0)
            }
            guard rd_kafka_flush(client, 120_000) == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw LogError(.unavailable, "the bare producer got no answer")
            }
        }
    }

    func close() {
        rd_kafka_topic_destroy(topic)
        rd_kafka_destroy(client)
    }
}

/// librdkafka's batch consume, called in a loop: the floor of `consume.kafka`.
final class BareConsumer {
    private let client: OpaquePointer
    private let topic: OpaquePointer
    private let queue: OpaquePointer
    private let partitions: Int

    /// - Parameter counts: of the log, whose client has the same settings.
    init(_ settings: KafkaSettings, _ topic: Topic, _ counts: PartitionCounts) throws {
        client = try bareClient(
            RD_KAFKA_CONSUMER, try bareConfiguration(settings.benchmarkConsumerProperties(counts)))
        self.topic = rd_kafka_topic_new(client, settings.name(of: topic), nil)
        partitions = Int(counts[topic])
        queue = rd_kafka_queue_new(client)
    }

    /// Takes so many records.
    func consume(_ wanted: Int) throws {
        for partition in 0..<partitions {
            rd_kafka_consume_start_queue(topic, Int32(partition), 0, queue)
        }
        let capacity = KafkaBenchmarks.batchRecords
        let messages = UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>.allocate(capacity: capacity)
        defer { messages.deallocate() }
        var count = 0
        var idle = 0
        while count < wanted && idle < 30_000 {
            let taken = rd_kafka_consume_batch_queue(queue, 1, messages, capacity)
            idle = taken > 0 ? 0 : idle + 1
            for index in 0..<max(0, taken) {
                if messages[index]!.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR { count += 1 }
                rd_kafka_message_destroy(messages[index])
            }
        }
        guard count >= wanted else { throw LogError(.unavailable, "the bare consumer got \(count) of \(wanted)") }
    }

    func close() {
        for partition in 0..<partitions { rd_kafka_consume_stop(topic, Int32(partition)) }
        rd_kafka_queue_destroy(queue)
        rd_kafka_topic_destroy(topic)
        rd_kafka_destroy(client)
    }
}

private func bareConfiguration(_ properties: [(String, String)]) throws -> OpaquePointer {
    guard let configuration = rd_kafka_conf_new() else { preconditionFailure("librdkafka gives no configuration") }
    var text = [CChar](repeating: 0, count: 256)
    for (name, value) in properties {
        guard rd_kafka_conf_set(configuration, name, value, &text, text.count) == RD_KAFKA_CONF_OK else {
            throw LogError(.configuration, "kafka.\(name): cannot be used")
        }
    }
    rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
    return configuration
}

private func bareClient(_ type: rd_kafka_type_t, _ configuration: OpaquePointer) throws -> OpaquePointer {
    var text = [CChar](repeating: 0, count: 256)
    guard let client = rd_kafka_new(type, configuration, &text, text.count) else {
        throw LogError(.configuration, "librdkafka makes no client")
    }
    return client
}
