import CRDKafka
import EventLog
import Glibc

/// Asks the brokers: where partitions begin and end, how many there are.
///
/// Threads: any.
final class Questions: @unchecked Sendable {
    /// What ListOffsets takes in place of a time.
    enum Place: Int64 {
        case start = -2
        case end = -1
    }

    private static let pauseMicros: UInt32 = 50_000
    private static let onceMillis: Int32 = 2_000

    let client: KafkaClient
    private let settings: KafkaSettings
    private let isClosed: @Sendable () -> Bool
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var asking = 0
    private var isEnded = false

    init(_ settings: KafkaSettings, isClosed: @escaping @Sendable () -> Bool) throws {
        self.settings = settings
        self.isClosed = isClosed
        client = try KafkaClient(.consumer, settings, settings.consumerProperties(.none))
    }

    /// Runs `body` unless the client has ended, which then waits for it.
    func whileOpen<Answer>(_ body: (Questions) throws -> Answer) throws -> Answer {
        try monitor.withLock {
            if isEnded { throw closedError }
            asking += 1
        }
        defer {
            monitor.withLock {
                asking -= 1
                monitor.wakeAll()
            }
        }
        return try body(self)
    }

    /// Waits until nobody asks and ends the client.
    func close() {
        monitor.withLock {
            isEnded = true
            while asking > 0 { monitor.wait() }
        }
        client.destroy()
    }

    private var closedError: LogError { .closed("the log on \(settings.brokers)") }

    /// One offset for each partition, in their order, with one request for each broker that leads some of them.
    func offsets(_ place: Place, of partitions: [TopicPartition]) throws -> [Int64] {
        try untilAnswered("find the \(place) of \(partitions.count) partitions") { timeoutMillis in
            let list = PartitionList(partitions.lazy.map { ($0, place.rawValue) }, settings)
            let error = rd_kafka_offsets_for_times(client.handle, list.list, timeoutMillis)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(BrokerError(code: error)) }
            var offsets: [Int64] = []
            for element in list.elements {
                guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    return .failure(BrokerError(code: element.err))
                }
                // An empty partition that never had a record has no time, and so no offset for it.
                guard element.offset >= 0 else { return .failure(BrokerError(code: RD_KAFKA_RESP_ERR__RETRY)) }
                offsets.append(element.offset)
            }
            return .success(offsets)
        }
    }

    /// Waits until some broker answers.
    func reach() throws {
        try untilAnswered("reach the brokers") { timeoutMillis in
            var found: UnsafePointer<rd_kafka_metadata>?
            let error = rd_kafka_metadata(client.handle, 0, nil, &found, timeoutMillis)
            rd_kafka_metadata_destroy(found)
            return error == RD_KAFKA_RESP_ERR_NO_ERROR ? .success(()) : .failure(BrokerError(code: error))
        }
    }

    /// How many partitions each topic has.
    func partitionCounts() throws -> PartitionCounts {
        var counts: [Int32] = []
        for topic in Topic.allCases { counts.append(try partitionCount(of: topic)) }
        return PartitionCounts(conversationCommands: counts[0], memberCommands: counts[1], legacyWrites: counts[2])
    }

    private func partitionCount(of topic: Topic) throws -> Int32 {
        try untilAnswered("find the topic \(settings.name(of: topic))") { timeoutMillis in
            var found: UnsafePointer<rd_kafka_metadata>?
            let error = rd_kafka_metadata(client.handle, 0, client.topic(topic), &found, timeoutMillis)
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let found else { return .failure(BrokerError(code: error)) }
            defer { rd_kafka_metadata_destroy(found) }
            guard found.pointee.topic_cnt == 1, let one = found.pointee.topics?.pointee else {
                return .failure(BrokerError(code: RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART))
            }
            guard one.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return .failure(BrokerError(code: one.err)) }
            guard one.partition_cnt >= 1 && one.partition_cnt <= 32_768 else {
                return .failure(BrokerError(code: RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION))
            }
            return .success(one.partition_cnt)
        }
    }

    struct BrokerError: Error {
        var code: rd_kafka_resp_err_t
    }

    /// Asks again while what is wrong may pass and there is time.
    func untilAnswered<Answer>(
        _ work: String, _ ask: (_ timeoutMillis: Int32) -> Result<Answer, BrokerError>
    ) throws -> Answer {
        let started = Monitor.nowNanos()
        let deadline = Monitor.deadline(afterMillis: settings.readTimeoutMillis)
        while true {
            if isClosed() { throw closedError }
            let left = max(1, min((deadline - Monitor.nowNanos()) / 1_000_000, Int64(Self.onceMillis)))
            switch ask(Int32(left)) {
            case .success(let answer): return answer
            case .failure(let error):
                rd_kafka_poll(client.handle, 0)
                let refusal = client.complaints.refusal(since: started)
                if error.code.isOutage && refusal == nil && Monitor.nowNanos() < deadline {
                    usleep(Self.pauseMicros)
                    continue
                }
                throw LogError(
                    kafka: error.code, work, settings,
                    complaint: refusal ?? client.complaints.latest(since: started))
            }
        }
    }
}
