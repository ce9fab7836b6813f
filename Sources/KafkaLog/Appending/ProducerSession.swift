import CRDKafka
import EventLog
import Glibc

/// One idempotent producer, from its making until it is given up: nothing of it goes into a partition after a gap.
///
/// A thread of its own takes the delivery reports. Given up, it lets go of what is queued and under way - every
/// record then has an answer, if only that nobody knows - and ends in that thread, however long that takes.
///
/// Threads: any.
final class ProducerSession: @unchecked Sendable {
    private static let eventMillis: Int32 = 100
    /// How long a given up producer may take to answer for what is under way.
    private static let drainNanos: Int64 = 10_000_000_000

    let client: KafkaClient
    private let queue: OpaquePointer
    private let statistics: StatisticsBoard
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var attempts: [ObjectIdentifier: Attempt] = [:]
    private var givenUpNanos: Int64?
    private var isFatal = false
    private var hasTopics = false

    /// Of `Monitor.nowNanos()`.
    let startedNanos = Monitor.nowNanos()

    /// - Throws: `LogError` with `configuration`.
    init(_ settings: KafkaSettings, _ statistics: StatisticsBoard) throws {
        self.statistics = statistics
        let events = RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS
        client = try KafkaClient(
            .producer, settings, settings.producerProperties() + settings.statisticsProperties, events: events)
        queue = rd_kafka_queue_get_main(client.handle)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ProducerSession>.fromOpaque(context).takeRetainedValue().serve() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "the system gives no thread: error \(code)")
        pthread_detach(thread)
    }

    /// Whether it can still append.
    var isUsable: Bool { monitor.withLock { givenUpNanos == nil && !isFatal } }

    /// Why it cannot append any more, when librdkafka says so.
    var fatalError: rd_kafka_resp_err_t? {
        let code = rd_kafka_fatal_error(client.handle, nil, 0)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : code
    }

    var areTopicsKnown: Bool { monitor.withLock { hasTopics } }

    /// Asks for the partitions of every topic.
    func findTopics(timeoutMillis: Int32) -> Bool {
        for topic in Topic.allCases {
            var found: UnsafePointer<rd_kafka_metadata>?
            let error = rd_kafka_metadata(client.handle, 0, client.topic(topic), &found, timeoutMillis)
            defer { rd_kafka_metadata_destroy(found) }
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let found, found.pointee.topic_cnt == 1 else { return false }
        }
        monitor.withLock { hasTopics = true }
        return true
    }

    /// Lets go of everything: what has no answer gets one soon.
    func giveUp() {
        let isFirst = monitor.withLock {
            let isFirst = givenUpNanos == nil
            if isFirst { givenUpNanos = Monitor.nowNanos() }
            return isFirst
        }
        guard isFirst else { return }
        purge()
    }

    private func purge() {
        rd_kafka_purge(
            client.handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
    }

    // MARK: Sending

    /// Gives an attempt's records to librdkafka, per topic in their order.
    /// - Returns: `false` when the session was given up; the attempt then was not begun.
    func send(_ attempt: Attempt, of batch: AppendBatch) -> Bool {
        let isOpen = monitor.withLock {
            if givenUpNanos == nil { attempts[ObjectIdentifier(attempt)] = attempt }
            return givenUpNanos == nil
        }
        guard isOpen else { return false }
        batch.entries.withUnsafeBufferPointer { entries in
            var counts = [0, 0, 0]
            for slot in attempt.slots { counts[Int(entries[slot.index].partition.topic.rawValue)] += 1 }
            for topic in Topic.allCases where counts[Int(topic.rawValue)] > 0 {
                send(attempt, entries, to: topic, counts[Int(topic.rawValue)])
            }
        }
        return true
    }

    private func send(
        _ attempt: Attempt, _ entries: UnsafeBufferPointer<AppendBatch.Entry>, to topic: Topic, _ count: Int
    ) {
        let messages = UnsafeMutablePointer<rd_kafka_message_t>.allocate(capacity: count)
        defer { messages.deallocate() }
        memset(messages, 0, count * MemoryLayout<rd_kafka_message_t>.stride)
        let (base, slots) = (attempt.bytes.base, attempt.slots)
        var filled = 0
        for place in slots.indices {
            let entry = entries[slots[place].index]
            guard entry.partition.topic == topic else { continue }
            let message = messages + filled
            message.pointee.partition = entry.partition.partition
            message.pointee.key = base + entry.start
            message.pointee.key_len = entry.keyCount
            message.pointee.payload = base + entry.start + entry.keyCount
            message.pointee.len = entry.valueCount
            message.pointee._private = UnsafeMutableRawPointer(slots.baseAddress! + place)
            filled += 1
        }
        let taken = rd_kafka_produce_batch(client.topic(topic), -1, RD_KAFKA_MSG_F_PARTITION, messages, Int32(count))
        guard taken < count else { return }
        // What was not taken gets no report.
        var refused = 0
        for index in 0..<count where messages[index].err != RD_KAFKA_RESP_ERR_NO_ERROR {
            let slot = messages[index]._private.assumingMemoryBound(to: Attempt.Slot.self)
            slot.pointee.error = messages[index].err
            refused += 1
        }
        resolve(attempt, refused)
    }

    private func resolve(_ attempt: Attempt, _ count: Int) {
        if attempt.resolve(count) { monitor.withLock { attempts[ObjectIdentifier(attempt)] = nil } }
    }

    // MARK: The thread

    private func serve() {
        while !isDrained {
            guard let event = rd_kafka_queue_poll(queue, Self.eventMillis) else { continue }
            switch rd_kafka_event_type(event) {
            case RD_KAFKA_EVENT_DR: takeReports(event)
            case RD_KAFKA_EVENT_ERROR: takeError(event)
            case RD_KAFKA_EVENT_STATS: statistics.note(event, of: client)
            default: break
            }
            rd_kafka_event_destroy(event)
        }
        rd_kafka_queue_destroy(queue)
        statistics.forget(client)
        client.destroy()
        // Nothing points into these any more.
        let left = monitor.withLock {
            defer { attempts = [:] }
            return Array(attempts.values)
        }
        for attempt in left {
            var missing = 0
            for place in attempt.slots.indices where attempt.slots[place].error == RD_KAFKA_RESP_ERR__IN_PROGRESS {
                attempt.slots[place].error = RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
                attempt.slots[place].isPossible = true
                missing += 1
            }
            _ = attempt.resolve(missing)
        }
    }

    /// Given up, and all has answers or has had the time.
    private var isDrained: Bool {
        let (since, isEmpty) = monitor.withLock { (givenUpNanos, attempts.isEmpty) }
        guard let since else { return false }
        if isEmpty { return true }
        // A record may have been on its way into the queue when it was purged.
        purge()
        return Monitor.nowNanos() - since > Self.drainNanos
    }

    private func takeReports(_ event: OpaquePointer) {
        // Not counted references: an attempt with records that have no answer is kept, see `attempts`.
        var current: Unmanaged<Attempt>?
        var count = 0
        while let message = rd_kafka_event_message_next(event) {
            let slot = message.pointee._private.assumingMemoryBound(to: Attempt.Slot.self)
            let attempt = slot.pointee.attempt
            if attempt.toOpaque() != current?.toOpaque() {
                if let current { resolve(current.takeUnretainedValue(), count) }
                (current, count) = (attempt, 0)
            }
            var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
            slot.pointee.offset = message.pointee.offset
            slot.pointee.appendTime = max(0, rd_kafka_message_timestamp(message, &type)) &* 1_000
            slot.pointee.isPossible = rd_kafka_message_status(message) != RD_KAFKA_MSG_STATUS_NOT_PERSISTED
            slot.pointee.error = message.pointee.err
            count += 1
        }
        if let current { resolve(current.takeUnretainedValue(), count) }
    }

    private func takeError(_ event: OpaquePointer) {
        let code = rd_kafka_event_error(event)
        let text = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? code.text
        client.complaints.note(code, text)
        if rd_kafka_event_error_is_fatal(event) != 0 { monitor.withLock { isFatal = true } }
    }
}
