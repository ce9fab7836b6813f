import CRDKafka
import EventLog
import Glibc

/// Writes positions as committed offsets, for tools that show lag. A hint: nothing reads them, and one that is lost is
/// followed by the next.
///
/// Threads: any; a call never waits for a broker, but `close()` does for a moment.
final class PositionHints: @unchecked Sendable {
    private static let pauseNanos: Int64 = 1_000_000_000
    /// How long closing waits for the last commit of a group.
    private static let lastMillis = 3_000

    /// One reader's group.
    private final class Group: @unchecked Sendable {
        private let client: KafkaClient
        private let settings: KafkaSettings
        /// Where the brokers' answers come.
        private let queue: OpaquePointer
        private var isAnswered = true
        private var nextNanos = Monitor.nowNanos()
        private var sent: [TopicPartition: Int64] = [:]
        private var latest: [TopicPartition: Int64] = [:]

        init(_ settings: KafkaSettings, _ reader: String) throws {
            self.settings = settings
            client = try KafkaClient(
                .consumer, settings,
                settings.consumerProperties(.none) + [("group.id", "\(settings.group).\(reader)")])
            queue = rd_kafka_queue_new(client.handle)
        }

        func show(_ positions: [TopicPartition: Int64]) {
            latest.merge(positions) { $1 }
            if Monitor.nowNanos() >= nextNanos { commit() }
        }

        /// Sends what is new, unless the commit before has no answer yet. Good or bad, an answer needs nothing done.
        private func commit() {
            takeAnswer(waitMillis: 0)
            let news = latest.filter { sent[$0.key] != $0.value }
            guard isAnswered, !news.isEmpty else { return }
            let list = PartitionList(news.map { ($0.key, $0.value) }, settings)
            rd_kafka_commit_queue(client.handle, list.list, queue, nil, nil)
            (sent, isAnswered) = (latest, false)
            nextNanos = Monitor.nowNanos() + PositionHints.pauseNanos
        }

        private func takeAnswer(waitMillis: Int) {
            rd_kafka_poll(client.handle, 0)
            guard !isAnswered, let answer = rd_kafka_queue_poll(queue, Int32(waitMillis)) else { return }
            // What was not written is still new.
            if rd_kafka_event_error(answer) != RD_KAFKA_RESP_ERR_NO_ERROR { sent = [:] }
            rd_kafka_event_destroy(answer)
            isAnswered = true
        }

        func close() {
            takeAnswer(waitMillis: PositionHints.lastMillis)
            commit()
            takeAnswer(waitMillis: PositionHints.lastMillis)
            // librdkafka ends such a client only when its last commit has ended; nobody waits for that.
            var thread = pthread_t()
            let code = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Group>.fromOpaque(context).takeRetainedValue().destroy() }
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            precondition(code == 0, "the system gives no thread: error \(code)")
            pthread_detach(thread)
        }

        private func destroy() {
            rd_kafka_queue_destroy(queue)
            client.destroy()
        }
    }

    private let settings: KafkaSettings
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var groups: [String: Group] = [:]
    private var isClosed = false

    init(_ settings: KafkaSettings) { self.settings = settings }

    /// Commits at most once a second; what comes between is kept for the next time.
    func show(_ positions: [TopicPartition: Int64], of reader: String) {
        monitor.withLock {
            guard !isClosed else { return }
            if groups[reader] == nil {
                // The same settings made the log's other clients, so this fails for lack of threads only, as they would.
                groups[reader] = try? Group(settings, reader)
            }
            groups[reader]?.show(positions)
        }
    }

    func close() {
        let groups = monitor.withLock {
            isClosed = true
            defer { self.groups = [:] }
            return Array(self.groups.values)
        }
        for group in groups { group.close() }
    }
}
