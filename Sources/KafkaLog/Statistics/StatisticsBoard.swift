import CRDKafka
import EventLog

/// The latest statistics of every client of a log.
///
/// Threads: any.
final class StatisticsBoard: @unchecked Sendable {
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var latest: [ObjectIdentifier: KafkaStatistics] = [:]

    /// Notes what a client says of itself; something else than statistics is not noted.
    func note(_ event: OpaquePointer, of client: KafkaClient) {
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS, let text = rd_kafka_event_stats(event) else { return }
        // librdkafka writes it: when it is no JSON, there is nothing to say.
        guard let found = try? KafkaStatistics(parsing: Array(String(cString: text).utf8)) else { return }
        monitor.withLock { latest[ObjectIdentifier(client)] = found }
    }

    /// A client that ends says nothing more.
    func forget(_ client: KafkaClient) {
        monitor.withLock { latest[ObjectIdentifier(client)] = nil }
    }

    var total: KafkaStatistics {
        monitor.withLock { latest.values.reduce(into: KafkaStatistics()) { $0.add($1) } }
    }
}

extension KafkaClient {
    /// Takes from the main queue what nobody else takes.
    func noteStatistics(on board: StatisticsBoard) {
        let queue = rd_kafka_queue_get_main(handle)
        defer { rd_kafka_queue_destroy(queue) }
        while let event = rd_kafka_queue_poll(queue, 0) {
            board.note(event, of: self)
            rd_kafka_event_destroy(event)
        }
    }
}
