import CRDKafka
import EventLog
import Glibc

/// Appends batches through a producer, and through a new one when nobody knows what became of the records.
///
/// The records of a partition that a producer acknowledges or may have appended are always the first ones of those it was
/// given, so that sending the others again leaves copies and no other order. Copies carry the same command ids.
///
/// Threads: any.
final class Appender: @unchecked Sendable {
    /// How long to wait before records are sent again that failed at once.
    private static let pauseMicros: UInt32 = 50_000
    /// How long a producer that was given up may take to answer before its records count as unknown.
    private static let answerNanos: Int64 = 2_000_000_000

    private let settings: KafkaSettings
    private let room: Room
    private let statistics: StatisticsBoard
    private let monitor = Monitor()
    /// Under the monitor's lock.
    private var session: ProducerSession?

    init(_ settings: KafkaSettings, _ statistics: StatisticsBoard) {
        self.settings = settings
        self.statistics = statistics
        room = Room(maxRecords: settings.maxRecordsUnderWay, maxBytes: settings.maxBytesUnderWay)
    }

    /// As `EventLog.append`, of a batch that was validated and has records.
    func append(_ batch: AppendBatch) throws -> [Appended] {
        let deadline = Monitor.deadline(afterMillis: settings.appendTimeoutMillis)
        guard let entered = room.enter(batch, untilNanos: deadline) else { throw LogError.closed(name) }
        guard entered else {
            throw LogError(
                .busy, "other appends to \(name) have all the room for \(settings.appendTimeoutMillis) ms: try again",
                isRetriable: true)
        }
        defer { room.leave(batch) }
        var delivery = Delivery(batch, settings, deadline: deadline)
        return try delivery.run(self)
    }

    /// Lets appends under way end, then ends the producer.
    func close() {
        room.close()
        monitor.withLock {
            session?.giveUp()
            session = nil
        }
    }

    private var name: String { "the log on \(settings.brokers)" }

    /// The producer of now; a new one when there is none or it cannot go on.
    fileprivate func usableSession() throws -> ProducerSession {
        try monitor.withLock {
            if let session, session.isUsable { return session }
            session?.giveUp()
            let new = try ProducerSession(settings, statistics)
            session = new
            return new
        }
    }

    /// One batch on its way.
    private struct Delivery {
        private let batch: AppendBatch
        private let settings: KafkaSettings
        private let started = Monitor.nowNanos()
        private let deadline: Int64
        private let bytes: RecordBytes
        private var answers: [Appended]
        /// Entries without an answer, in order.
        private var pending: [Int]
        /// Some record is in the log, or may be.
        private var isPossible = false

        init(_ batch: AppendBatch, _ settings: KafkaSettings, deadline: Int64) {
            self.batch = batch
            self.settings = settings
            self.deadline = deadline
            bytes = RecordBytes(batch)
            answers = Array(repeating: Appended(offset: -1, appendTime: 0), count: batch.count)
            pending = Array(0..<batch.count)
        }

        mutating func run(_ appender: Appender) throws -> [Appended] {
            while true {
                let session = try appender.usableSession()
                let failure = try attempt(session)
                if pending.isEmpty { return answers }
                let complaint = session.client.complaints.latest(since: started)
                let code = failure.isOutage ? session.fatalError ?? failure : failure
                session.giveUp()
                if !code.isOutage || Monitor.nowNanos() >= deadline {
                    throw LogError(
                        kafka: code, "append \(batch.count) records", settings, complaint: complaint,
                        outcomeUnknown: isPossible)
                }
                usleep(Appender.pauseMicros)
            }
        }

        /// Sends what is pending and takes the answers.
        /// - Returns: the first error, when there is one.
        private mutating func attempt(_ session: ProducerSession) throws -> rd_kafka_resp_err_t {
            let complaints = session.client.complaints
            guard session.knowsTopics(untilNanos: deadline) else {
                return complaints.refusal(since: started)?.code ?? RD_KAFKA_RESP_ERR__TRANSPORT
            }
            let attempt = Attempt(bytes, indices: pending)
            guard session.send(attempt, of: batch) else { return RD_KAFKA_RESP_ERR__RETRY }
            // Half the time for a producer: another one may get through what this one is stuck in.
            let half = Int64(settings.appendTimeoutMillis) * 500_000
            if !attempt.wait(untilNanos: min(deadline, Monitor.nowNanos() + half)) {
                session.giveUp()
                guard attempt.wait(untilNanos: Monitor.nowNanos() + Appender.answerNanos) else {
                    isPossible = true
                    return RD_KAFKA_RESP_ERR__TIMED_OUT
                }
            }
            return collect(attempt)
        }

        private mutating func collect(_ attempt: Attempt) -> rd_kafka_resp_err_t {
            var failure = RD_KAFKA_RESP_ERR_NO_ERROR
            pending.removeAll(keepingCapacity: true)
            for slot in attempt.slots {
                if slot.isAcknowledged {
                    answers[slot.index] = Appended(offset: slot.offset, appendTime: slot.appendTime)
                    isPossible = true
                    continue
                }
                pending.append(slot.index)
                isPossible = isPossible || slot.isPossible
                // A record that is there while its place is not known is sent again, as any other.
                let error = slot.error == RD_KAFKA_RESP_ERR_NO_ERROR ? RD_KAFKA_RESP_ERR__RETRY : slot.error
                if failure == RD_KAFKA_RESP_ERR_NO_ERROR || (failure.isOutage && !error.isOutage) { failure = error }
            }
            return failure
        }
    }
}

extension ProducerSession {
    /// Waits until the producer knows the partitions of every topic: before, it would not keep the order.
    /// - Returns: `false` when time is up, when the brokers and we do not accept each other, or when it was given up.
    func knowsTopics(untilNanos deadline: Int64) -> Bool {
        while isUsable {
            if areTopicsKnown { return true }
            let left = (deadline - Monitor.nowNanos()) / 1_000_000
            if left <= 0 || client.complaints.refusal(since: startedNanos) != nil { return false }
            if findTopics(timeoutMillis: Int32(min(left, 500))) { return true }
        }
        return false
    }
}
