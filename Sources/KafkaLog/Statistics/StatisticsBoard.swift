import CRDKafka
import EventLog
import Glibc

/// The latest statistics of every client of a log.
///
/// Threads: any.
final class StatisticsBoard: @unchecked Sendable {
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var latest: [ObjectIdentifier: [UInt8]] = [:]

    /// Notes what a client says of itself, and leaves the reading to whoever wants to know; something else than statistics
    /// is not noted.
    func note(_ event: OpaquePointer, of client: KafkaClient) {
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS, let text = rd_kafka_event_stats(event) else { return }
        let bytes = Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
        monitor.withLock { latest[ObjectIdentifier(client)] = bytes }
    }

    /// A client that ends says nothing more.
    func forget(_ client: KafkaClient) {
        monitor.withLock { latest[ObjectIdentifier(client)] = nil }
    }

    var total: KafkaStatistics {
        let texts = monitor.withLock { Array(latest.values) }
        // librdkafka writes them: of what is no JSON there is nothing to say.
        return texts.compactMap { try? KafkaStatistics(parsing: $0) }.reduce(into: KafkaStatistics()) { $0.add($1) }
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
