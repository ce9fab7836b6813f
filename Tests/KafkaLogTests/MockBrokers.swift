import CRDKafka
import EventLog
import KafkaLog
import TestSupport

/// Brokers inside this process, by librdkafka: no admin requests, at most 5 MiB a partition, and times of the producers.
final class MockBrokers: @unchecked Sendable {
    private let client: OpaquePointer
    private let cluster: OpaquePointer
    let settings: KafkaSettings

    init(_ counts: PartitionCounts, properties: [String: String] = [:]) throws {
        var text = [CChar](repeating: 0, count: 512)
        let configuration = rd_kafka_conf_new()
        rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count),
            let cluster = rd_kafka_mock_cluster_new(client, 1)
        else { throw TestFailure("no mock brokers") }
        self.client = client
        self.cluster = cluster
        for topic in Topic.allCases { rd_kafka_mock_topic_create(cluster, topic.name, counts[topic], 1) }
        var properties = properties
        properties["fetch.wait.max.ms"] = "5"
        settings = try KafkaSettings(
            brokers: String(cString: rd_kafka_mock_cluster_bootstraps(cluster)), properties: properties)
    }

    func open() throws -> MockLog { MockLog(log: try KafkaLog(settings, checksTopics: false)) }

    /// Every answer takes so long.
    func slowDown(millis: Int32) { rd_kafka_mock_broker_set_rtt(cluster, 1, millis) }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }
}

/// A log on mock brokers. They answer an append with a time that is not the record's: this takes the record's.
struct MockLog: EventLog {
    let log: KafkaLog

    var partitionCounts: PartitionCounts { log.partitionCounts }

    func append(_ batch: AppendBatch) throws -> [Appended] {
        var answers = try log.append(batch)
        do {
            for (index, entry) in batch.entries.enumerated() {
                let found = try log.read(
                    entry.partition, from: answers[index].offset, maxRecords: 1, maxBytes: 1)
                answers[index].appendTime = found.entries.first?.appendTime ?? -1
            }
        } catch let error as LogError where error.code == .closed {}
        return answers
    }

    func read(
        _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> LogBatch {
        try log.read(partition, from: offset, maxRecords: maxRecords, maxBytes: maxBytes)
    }

    func startOffset(of partition: TopicPartition) throws -> Int64 { try log.startOffset(of: partition) }
    func endOffset(of partition: TopicPartition) throws -> Int64 { try log.endOffset(of: partition) }
    func endOffsets() throws -> [TopicPartition: Int64] { try log.endOffsets() }
    func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        try log.waitForRecords(past: past, timeoutMillis: timeoutMillis)
    }
    func close() { log.close() }
}
