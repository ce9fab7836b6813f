import CRDKafka
public import EventLog
import Synchronization

/// The log on Kafka, through librdkafka.
///
/// An append returns when every in-sync replica has its records (`acks=all`, idempotent). A batch is appended record by
/// record: after an error with `outcomeUnknown` some may be there.
///
/// Append times are the brokers' (`LogAppendTime`), whole milliseconds. They do not decrease as long as the brokers' clocks
/// do not; when a partition's leader changes to a broker whose clock is behind, they may. No order depends on it: the folds
/// make times strictly increasing themselves.
///
/// Offsets are contiguous, but for the marks of transactional producers beside us, which readers skip.
public final class KafkaLog: EventLog, @unchecked Sendable {
    private static let firstPauseNanos: Int64 = 1_000_000
    private static let longestPauseNanos: Int64 = 20_000_000

    public let partitionCounts: PartitionCounts
    /// What an operator should know of the topics' settings; nothing that loses or reorders records.
    public let warnings: [TopicFinding]

    private let settings: KafkaSettings
    private let appender: Appender
    private let questions: Questions
    private let cursors: CursorPool
    private let buffers = SpareBuffers()
    private let hints: PositionHints
    private let seen: SeenEnds
    private let board = StatisticsBoard()
    private let monitor = Monitor()
    private let closing = ClosedFlag()

    /// Set when the log is closed; asked by whoever waits.
    private final class ClosedFlag: Sendable {
        private let value = Atomic<Bool>(false)
        var isRaised: Bool { value.load(ordering: .acquiring) }
        /// - Returns: whether this call raised it.
        func raise() -> Bool { !value.exchange(true, ordering: .acquiringAndReleasing) }
    }

    /// Reaches the brokers and checks the topics.
    ///
    /// - Parameters:
    ///   - partitionCounts: must be those of the topics; `nil` takes those.
    ///   - checksTopics: whether to refuse topics whose settings would lose or reorder records. Only for brokers that
    ///     cannot be asked, such as librdkafka's mock ones.
    ///   - observe: told, in a sentence for an operator, what is odd about what is read; on any thread.
    /// - Throws: `LogError`: `configuration`, `unavailable`, `notAllowed`.
    public init(
        _ settings: KafkaSettings, partitionCounts wanted: PartitionCounts? = nil, checksTopics: Bool = true,
        observe: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.settings = settings
        let closing = closing
        questions = try Questions(settings) { closing.isRaised }
        do {
            partitionCounts = try questions.partitionCounts()
            if let wanted, wanted != partitionCounts { throw Self.otherCounts(partitionCounts, wanted, settings) }
            warnings = checksTopics ? try Self.check(settings, questions.client) : []
        } catch {
            questions.client.destroy()
            throw error
        }
        appender = Appender(settings, board)
        cursors = CursorPool(settings, partitionCounts, board, observe: observe)
        hints = PositionHints(settings)
        seen = SeenEnds(partitionCounts)
    }

    deinit { close() }

    private static func check(_ settings: KafkaSettings, _ client: KafkaClient) throws -> [TopicFinding] {
        let findings = try TopicAdministration(settings, client).describe().flatMap(TopicRequirements.findings)
        let refused = findings.filter(\.isRefusal)
        guard refused.isEmpty else {
            let list = refused.map(\.description).joined(separator: "; ")
            throw LogError(.configuration, "topics on \(settings.brokers): \(list)")
        }
        return findings
    }

    private static func otherCounts(
        _ counts: PartitionCounts, _ wanted: PartitionCounts, _ settings: KafkaSettings
    ) -> LogError {
        let other = Topic.allCases.filter { counts[$0] != wanted[$0] }
            .map { "\(settings.name(of: $0)) has \(counts[$0]) partitions, not \(wanted[$0])" }.joined(separator: ", ")
        return LogError(
            .configuration,
            "topics on \(settings.brokers): \(other): the number is fixed for a log's life, because a key's partition "
                + "depends on it: name the brokers whose topics these are, or begin with a new data directory")
    }

    // MARK: EventLog

    public func append(_ batch: AppendBatch) throws -> [Appended] {
        try requireOpen()
        try batch.validate(for: partitionCounts)
        guard !batch.isEmpty else { return [] }
        let answers = try appender.append(batch)
        monitor.withLock { monitor.wakeAll() }
        return answers
    }

    public func read(
        _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> LogBatch {
        try requireOpen()
        try validateRead(partition, maxRecords: maxRecords, maxBytes: maxBytes)
        guard let index = partitionCounts.index(of: partition) else { preconditionFailure("validated before") }
        let seat = try cursors.take(partition, index: index, from: offset)
        defer { cursors.giveBack(seat) }
        do {
            return try take(seat.cursor, index, from: offset, maxRecords, maxBytes)
        } catch let error as PartitionCursor.CursorError {
            seen.forget(index)
            throw try explained(error, partition, offset)
        }
    }

    private func take(
        _ cursor: PartitionCursor, _ index: Int, from offset: Int64, _ maxRecords: Int, _ maxBytes: Int
    ) throws -> LogBatch {
        let deadline = Monitor.deadline(afterMillis: settings.readTimeoutMillis)
        func goOn() throws {
            try requireOpen()
            guard Monitor.nowNanos() < deadline else {
                throw PartitionCursor.CursorError(code: RD_KAFKA_RESP_ERR__TIMED_OUT)
            }
        }
        if cursor.isFetching && cursor.position == offset {
            let batch = try cursor.take(
                in: buffers, maxRecords: maxRecords, maxBytes: maxBytes, until: seen.end(at: index), shouldGoOn: goOn)
            if !batch.isEmpty { return batch }
        } else {
            cursor.stop()
        }
        // Nothing fetched and no record seen beyond: only the brokers know whether there is one now.
        if offset >= seen.end(at: index) { _ = try endOffset(of: cursor.partition) }
        let end = seen.end(at: index)
        guard offset >= 0 && offset <= end else { throw try outOfRange(cursor.partition, offset) }
        if !cursor.isFetching { try cursor.start(at: offset) }
        return try cursor.take(
            in: buffers, maxRecords: maxRecords, maxBytes: maxBytes, until: end, shouldGoOn: goOn)
    }

    private func outOfRange(_ partition: TopicPartition, _ offset: Int64) throws -> LogError {
        .offsetOutOfRange(
            partition, asked: offset, start: try startOffset(of: partition), end: try endOffset(of: partition))
    }

    private func explained(
        _ error: PartitionCursor.CursorError, _ partition: TopicPartition, _ offset: Int64
    ) throws -> LogError {
        if error.code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || error.code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE {
            return try outOfRange(partition, offset)
        }
        return LogError(kafka: error.code, "read \(partition) from \(offset)", settings)
    }

    public func startOffset(of partition: TopicPartition) throws -> Int64 { try ask(.start, of: partition) }

    public func endOffset(of partition: TopicPartition) throws -> Int64 { try ask(.end, of: partition) }

    private func ask(_ place: Questions.Place, of partition: TopicPartition) throws -> Int64 {
        try requireOpen()
        guard partitionCounts.index(of: partition) != nil else {
            throw LogError.noSuchPartition(partition, partitionCounts)
        }
        let found = try questions.whileOpen { try $0.offsets(place, of: [partition]) }
        if place == .end { seen.note([partition], found) }
        return found[0]
    }

    public func endOffsets() throws -> [TopicPartition: Int64] {
        try requireOpen()
        let partitions = partitionCounts.all
        let ends = try questions.whileOpen { try $0.offsets(.end, of: partitions) }
        seen.note(partitions, ends)
        return Dictionary(uniqueKeysWithValues: zip(partitions, ends))
    }

    /// Asks the brokers for the ends again and again, seldom while nothing comes: a record is noticed at most 20 ms after
    /// its append; at once when it was appended through this object.
    public func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        for partition in past.keys where partitionCounts.index(of: partition) == nil {
            throw LogError.noSuchPartition(partition, partitionCounts)
        }
        let deadline = Monitor.deadline(afterMillis: timeoutMillis)
        let (partitions, offsets) = (Array(past.keys), Array(past.values))
        var pause = Self.firstPauseNanos
        while true {
            try requireOpen()
            if !partitions.isEmpty {
                let ends = try questions.whileOpen { try $0.offsets(.end, of: partitions) }
                seen.note(partitions, ends)
                if zip(ends, offsets).contains(where: { $0 > $1 }) { return true }
            }
            let now = Monitor.nowNanos()
            if now >= deadline { return false }
            monitor.withLock {
                if !closing.isRaised {
                    monitor.wait(untilNanos: min(deadline, partitions.isEmpty ? deadline : now + pause))
                }
            }
            pause = min(pause * 2, Self.longestPauseNanos)
        }
    }

    /// Shows lag tools how far a reader has come, as committed offsets of the group `kafka.group.id` and the reader's name.
    public func show(_ positions: [TopicPartition: Int64], of reader: String) {
        if !closing.isRaised { hints.show(positions, of: reader) }
    }

    /// Bytes of records that the projectors of this process may hold in batches, all together; see
    /// `kafka.queued.max.messages.kbytes`.
    public var projectingBytes: Int { settings.projectingBytes(partitionCounts) }

    /// How often there are new ``statistics``; 0 for never.
    public var statisticsMillis: Int { settings.statisticsMillis }

    /// What the clients that append and read said of themselves last; `nil` while `kafka.statistics.interval.ms` is 0.
    ///
    /// Any thread may ask; it costs about a millisecond a client.
    public var statistics: KafkaStatistics? {
        guard settings.statisticsMillis > 0 else { return nil }
        cursors.noteStatistics()
        var statistics = board.total
        cursors.addOwn(to: &statistics)
        return statistics
    }

    public func close() {
        guard closing.raise() else { return }
        monitor.withLock { monitor.wakeAll() }
        hints.close()
        appender.close()
        cursors.close()
        questions.close()
    }

    private func requireOpen() throws {
        if closing.isRaised { throw LogError.closed("the log on \(settings.brokers)") }
    }
}
