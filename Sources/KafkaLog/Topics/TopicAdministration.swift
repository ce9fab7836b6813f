import CRDKafka
import EventLog

/// Makes and describes topics with a client's admin requests.
struct TopicAdministration {
    private static let timeoutMillis: Int32 = 30_000

    private let settings: KafkaSettings
    private let client: KafkaClient

    init(_ settings: KafkaSettings, _ client: KafkaClient) {
        self.settings = settings
        self.client = client
    }

    // MARK: Describing

    /// Every topic that is there, with the settings that hold.
    /// - Throws: `LogError`; `configuration` when a topic is missing.
    func describe() throws -> [TopicDescription] {
        let topics = try Topic.allCases.map(sizes)
        let found = try configurations()
        return topics.map { topic in
            var topic = topic
            topic.settings = found[topic.name] ?? [:]
            return topic
        }
    }

    private func sizes(_ topic: Topic) throws -> TopicDescription {
        let name = settings.name(of: topic)
        var found: UnsafePointer<rd_kafka_metadata>?
        let error = rd_kafka_metadata(client.handle, 0, client.topic(topic), &found, 10_000)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let found else { throw failure(error, "describe \(name)") }
        defer { rd_kafka_metadata_destroy(found) }
        guard let one = found.pointee.topics?.pointee else { throw failure(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, name) }
        guard one.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw failure(one.err, "describe \(name)") }
        let partitions = UnsafeBufferPointer(start: one.partitions, count: Int(one.partition_cnt))
        return TopicDescription(
            topic: topic, name: name, partitions: one.partition_cnt,
            replicas: partitions.map(\.replica_cnt).min() ?? 0, settings: [:])
    }

    private func configurations() throws -> [String: [String: String]] {
        let resources = Topic.allCases.map {
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, settings.name(of: $0))
        }
        return try configurations(of: resources, "describe the topics")
    }

    /// The numbers of the brokers that are there.
    func brokers() throws -> [Int32] {
        var found: UnsafePointer<rd_kafka_metadata>?
        let error = rd_kafka_metadata(client.handle, 0, nil, &found, 10_000)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let found else { throw failure(error, "find the brokers") }
        defer { rd_kafka_metadata_destroy(found) }
        return UnsafeBufferPointer(start: found.pointee.brokers, count: Int(found.pointee.broker_cnt)).map(\.id)
            .sorted()
    }

    /// A broker's settings; `nil` when this user may not ask for them.
    func settings(ofBroker broker: Int32) throws -> [String: String]? {
        let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_BROKER, String(broker))
        do {
            return try configurations(of: [resource], "describe broker \(broker)").values.first
        } catch let error as LogError where error.code == .notAllowed {
            return nil
        }
    }

    /// The settings of some resources by name; destroys the resources.
    private func configurations(
        of asked: [OpaquePointer?], _ work: String
    ) throws -> [String: [String: String]] {
        var resources = asked
        defer { for resource in resources { rd_kafka_ConfigResource_destroy(resource) } }
        let event = try ask(work, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) { options, queue in
            rd_kafka_DescribeConfigs(client.handle, &resources, resources.count, options, queue)
        }
        defer { rd_kafka_event_destroy(event) }
        var count = 0
        let found = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
        var result: [String: [String: String]] = [:]
        for index in 0..<count {
            guard let resource = found?[index] else { continue }
            let error = rd_kafka_ConfigResource_error(resource)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { throw failure(error, work) }
            result[String(cString: rd_kafka_ConfigResource_name(resource))] = entries(of: resource)
        }
        return result
    }

    private func entries(of resource: OpaquePointer) -> [String: String] {
        var count = 0
        let entries = rd_kafka_ConfigResource_configs(resource, &count)
        var result: [String: String] = [:]
        for index in 0..<count {
            guard let entry = entries?[index], let value = rd_kafka_ConfigEntry_value(entry) else { continue }
            result[String(cString: rd_kafka_ConfigEntry_name(entry))] = String(cString: value)
        }
        return result
    }

    // MARK: Creating

    /// Makes the topics that are not there; those that are keep their settings.
    /// - Returns: the names of those that were made.
    func create(
        _ counts: PartitionCounts, replicas: Int, values: [(name: String, value: String)]
    ) throws -> [String] {
        var topics: [OpaquePointer?] = []
        defer { for topic in topics { rd_kafka_NewTopic_destroy(topic) } }
        for topic in Topic.allCases {
            var text = [CChar](repeating: 0, count: 512)
            guard
                let new = rd_kafka_NewTopic_new(
                    settings.name(of: topic), counts[topic], Int32(replicas), &text, text.count)
            else { throw LogError(.configuration, "\(settings.name(of: topic)): \(KafkaClient.string(text))") }
            topics.append(new)
            for (name, value) in values { rd_kafka_NewTopic_set_config(new, name, value) }
        }
        let event = try ask("create the topics", RD_KAFKA_ADMIN_OP_CREATETOPICS) { options, queue in
            rd_kafka_CreateTopics(client.handle, &topics, topics.count, options, queue)
        }
        defer { rd_kafka_event_destroy(event) }
        var count = 0
        let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
        var made: [String] = []
        for index in 0..<count {
            guard let result = results?[index] else { continue }
            let name = String(cString: rd_kafka_topic_result_name(result))
            let error = rd_kafka_topic_result_error(result)
            if error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                let reason = rd_kafka_topic_result_error_string(result).map { String(cString: $0) } ?? error.text
                throw failure(error, "create \(name): \(reason)")
            }
            made.append(name)
        }
        return made
    }

    /// Deletes the topics that are there: for tests.
    func delete() throws {
        var topics: [OpaquePointer?] = Topic.allCases.map { rd_kafka_DeleteTopic_new(settings.name(of: $0)) }
        defer { for topic in topics { rd_kafka_DeleteTopic_destroy(topic) } }
        let event = try ask("delete the topics", RD_KAFKA_ADMIN_OP_DELETETOPICS) { options, queue in
            rd_kafka_DeleteTopics(client.handle, &topics, topics.count, options, queue)
        }
        rd_kafka_event_destroy(event)
    }

    // MARK: Asking

    /// Sends an admin request and waits for its answer; the caller destroys it.
    private func ask(
        _ work: String, _ operation: rd_kafka_admin_op_t,
        _ send: (_ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void
    ) throws -> OpaquePointer {
        let queue = rd_kafka_queue_new(client.handle)
        defer { rd_kafka_queue_destroy(queue) }
        let options = rd_kafka_AdminOptions_new(client.handle, operation)
        defer { rd_kafka_AdminOptions_destroy(options) }
        rd_kafka_AdminOptions_set_request_timeout(options, Self.timeoutMillis, nil, 0)
        rd_kafka_AdminOptions_set_operation_timeout(options, Self.timeoutMillis, nil, 0)
        send(options, queue)
        guard let event = rd_kafka_queue_poll(queue, Self.timeoutMillis + 5_000) else {
            throw failure(RD_KAFKA_RESP_ERR__TIMED_OUT, work)
        }
        let error = rd_kafka_event_error(event)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            rd_kafka_event_destroy(event)
            throw failure(error, work)
        }
        return event
    }

    private func failure(_ error: rd_kafka_resp_err_t, _ work: String) -> LogError {
        rd_kafka_poll(client.handle, 0)
        return LogError(kafka: error, work, settings, complaint: client.complaints.latest(since: 0))
    }
}
