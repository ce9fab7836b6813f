import CRDKafka
import EventLog
import Glibc
import Synchronization

/// Fetches one partition ahead of its reader, from the offset the reader goes on from.
///
/// Threads: one at a time.
final class PartitionCursor {
    private static let drainCount = 8_192
    private static let waitMillis: Int32 = 50

    let partition: TopicPartition
    /// Where the next read goes on, when fetching.
    private(set) var position: Int64 = -1
    private(set) var isFetching = false
    private let client: KafkaClient
    private let settings: KafkaSettings
    private let queue: OpaquePointer
    private let drained: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
    /// Of `drained`, what was not read yet.
    private var rest = 0..<0
    /// Bytes of `rest`; any thread may ask.
    private let unread = Atomic<Int>(0)
    private let allowance: FetchAllowance
    private let observeOverrun: (TopicPartition, Int) -> Void

    /// - Parameter observeOverrun: told how many bytes came at once, when that is more than the allowance has.
    init(
        _ partition: TopicPartition, _ client: KafkaClient, _ settings: KafkaSettings, _ allowance: FetchAllowance,
        observeOverrun: @escaping (TopicPartition, Int) -> Void
    ) {
        self.partition = partition
        self.client = client
        self.settings = settings
        self.allowance = allowance
        self.observeOverrun = observeOverrun
        queue = rd_kafka_queue_new(client.handle)
        drained = .allocate(capacity: Self.drainCount)
    }

    /// Bytes of records that were taken out of librdkafka's queue and not read yet. Threads: any.
    var unreadBytes: Int { unread.load(ordering: .relaxed) }

    /// Ends fetching and forgets what was fetched.
    func stop() {
        dropRest()
        guard isFetching else { return }
        isFetching = false
        rd_kafka_consume_stop(client.topic(partition.topic), partition.partition)
        while takeOut() > 0 { dropRest() }
    }

    /// Ends the use.
    func close() {
        stop()
        rd_kafka_queue_destroy(queue)
        drained.deallocate()
    }

    /// Fetches from this offset on.
    func start(at offset: Int64) throws {
        stop()
        let topic = client.topic(partition.topic)
        guard rd_kafka_consume_start_queue(topic, partition.partition, offset, queue) == 0 else {
            throw LogError(kafka: rd_kafka_last_error(), "read \(partition)", settings)
        }
        isFetching = true
        position = offset
    }

    /// Takes records from where the cursor is.
    ///
    /// - Parameters:
    ///   - buffers: what the batch is made of.
    ///   - end: where the partition ends; while the cursor is before it and has no records, it waits.
    ///   - shouldGoOn: asked while waiting; throws to stop it.
    /// - Returns: as `EventLog.read`.
    func take(
        in buffers: SpareBuffers, maxRecords: Int, maxBytes: Int, until end: Int64, shouldGoOn: () throws -> Void
    ) throws -> LogBatch {
        var batch = buffers.take(partition, from: position)
        defer { buffers.keep(batch) }
        var room = maxBytes
        while true {
            if rest.isEmpty, drain() == 0 {
                if !batch.isEmpty || position >= end { return batch }
                try shouldGoOn()
                waitForOne()
                continue
            }
            let run = fitting(maxRecords - batch.count, batch.isEmpty, room)
            if run.count > 0 {
                let left = min(maxRecords, Int(clamping: max(0, end - position)))
                append(run.count, bytes: run.bytes, to: &batch, expecting: max(run.count, left), maxBytes)
                room -= run.bytes
            }
            guard let index = rest.first, let message = drained[index] else { continue }
            // The next one does not fit, or is no record.
            if message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR { return batch }
            if !batch.isEmpty && message.pointee.err != RD_KAFKA_RESP_ERR__PARTITION_EOF { return batch }
            unread.subtract(message.pointee.recordBytes, ordering: .relaxed)
            rest.removeFirst()
            defer { rd_kafka_message_destroy(message) }
            try note(message, &batch)
        }
    }

    /// How many of the drained records come next within the bounds, and how many bytes they have.
    private func fitting(_ maxRecords: Int, _ isFirst: Bool, _ room: Int) -> (count: Int, bytes: Int) {
        var (count, bytes) = (0, 0)
        for index in rest.prefix(maxRecords) {
            guard let message = drained[index], message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { break }
            let size = message.pointee.key_len + message.pointee.len
            if bytes + size > room && !(isFirst && count == 0) { break }
            bytes += size
            count += 1
        }
        return (count, bytes)
    }

    /// Moves the next records into the batch.
    /// - Parameter expected: how many the batch is likely to have in the end.
    private func append(
        _ count: Int, bytes: Int, to batch: inout LogBatch, expecting expected: Int, _ maxBytes: Int
    ) {
        if batch.isEmpty {
            // What follows is likely to be of the same size.
            batch.entries.reserveCapacity(expected)
            batch.bytes.reserveCapacity(
                max(bytes, min(maxBytes, SpareBuffers.roomBytes, bytes / count * expected)))
        }
        var start = batch.bytes.count
        batch.bytes.append(contentsOf: repeatElement(0, count: bytes))
        batch.bytes.withUnsafeMutableBytes { raw in
            for index in rest.prefix(count) {
                guard let message = drained[index] else { continue }
                let one = message.pointee
                if let key = one.key { memcpy(raw.baseAddress! + start, key, one.key_len) }
                if let value = one.payload { memcpy(raw.baseAddress! + start + one.key_len, value, one.len) }
                var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
                let millis = rd_kafka_message_timestamp(message, &type)
                batch.entries.append(
                    LogBatch.Entry(
                        offset: one.offset, appendTime: max(0, millis) &* 1_000, start: start,
                        keyCount: Int32(truncatingIfNeeded: one.key_len), valueCount: Int32(truncatingIfNeeded: one.len)
                    ))
                start += one.key_len + one.len
                position = one.offset + 1
                rd_kafka_message_destroy(message)
            }
        }
        rest.removeFirst(count)
        unread.subtract(bytes, ordering: .relaxed)
        batch.nextOffset = position
    }

    /// The end of what there is, or an error; after an error the next read begins anew.
    private func note(_ message: UnsafeMutablePointer<rd_kafka_message_t>, _ batch: inout LogBatch) throws {
        let error = message.pointee.err
        if error == RD_KAFKA_RESP_ERR__PARTITION_EOF {
            // Places that hold no record of ours are behind us.
            position = max(position, message.pointee.offset)
            batch.nextOffset = position
            return
        }
        // What may pass librdkafka tries again itself.
        if error.isOutage { return }
        stop()
        throw CursorError(code: error)
    }

    /// Fetching failed for good.
    struct CursorError: Error {
        var code: rd_kafka_resp_err_t
    }

    /// Takes what the queue has.
    private func drain() -> Int {
        let count = takeOut()
        tellOverrun()
        return count
    }

    private func tellOverrun() {
        let bytes = unreadBytes
        if bytes > allowance.queueBytes + allowance.fetchBytes { observeOverrun(partition, bytes) }
    }

    private func takeOut() -> Int {
        // What is there now, and not what is fetched because this takes some of it.
        let there = min(Int(rd_kafka_queue_length(queue)), Self.drainCount)
        let count = max(0, rd_kafka_consume_batch_queue(queue, 0, drained, there))
        rest = 0..<count
        noteUnread()
        return count
    }

    private func waitForOne() {
        guard let message = rd_kafka_consume_queue(queue, Self.waitMillis) else { return }
        drained[0] = message
        rest = 0..<1
        noteUnread()
        tellOverrun()
    }

    private func noteUnread() {
        unread.store(rest.reduce(0) { $0 + (drained[$1]?.pointee.recordBytes ?? 0) }, ordering: .relaxed)
    }

    private func dropRest() {
        for index in rest { rd_kafka_message_destroy(drained[index]) }
        rest = 0..<0
        unread.store(0, ordering: .relaxed)
    }
}

extension rd_kafka_message_t {
    /// Of key and value; 0 of what is no record.
    fileprivate var recordBytes: Int { err == RD_KAFKA_RESP_ERR_NO_ERROR ? key_len + len : 0 }
}
