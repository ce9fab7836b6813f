import EventLog
import LegacyMailbox

/// Reads `legacy-writes`, every partition in turn.
struct LegacyIntake {
    private let log: any EventLog
    private let format: any LegacyFormat
    private let known: LegacyIdentifierCache
    private let observe: (ReplicationNotice) -> Void
    /// The next offset of each partition.
    private var next: [TopicPartition: Int64] = [:]
    private var turn = 0
    private(set) var isLogAway = false

    /// - Parameter positions: where to go on; partitions without one from their beginning.
    /// - Throws: `LogError`.
    init(
        log: any EventLog, records: LegacyRecords, from positions: [TopicPartition: Int64],
        observe: @escaping (ReplicationNotice) -> Void
    ) throws {
        self.log = log
        format = records.format
        known = LegacyIdentifierCache(records.identifiers)
        self.observe = observe
        for partition in log.partitionCounts.partitions(of: .legacyWrites) {
            next[partition] = try positions[partition] ?? log.startOffset(of: partition)
        }
    }

    /// Whether everything below these ends is read.
    func hasReached(_ ends: [TopicPartition: Int64]) -> Bool { ends.allSatisfy { (next[$0.key] ?? 0) >= $0.value } }

    /// Reads from the partitions, beginning with another one each time, until there is enough.
    ///
    /// - Parameters:
    ///   - ends: what lies behind them is left; without them a log that is away is waited for.
    ///   - most: how many records at most.
    ///   - payloads: get the bytes.
    /// - Returns: the records in the order of each partition; none also while the log is away.
    /// - Throws: `LogError`.
    mutating func read(
        upTo ends: [TopicPartition: Int64]?, atMost most: Int, into payloads: inout PayloadsInHand
    ) throws -> [LaneRecord] {
        let partitions = log.partitionCounts.partitions(of: .legacyWrites)
        var arrived: [LaneRecord] = []
        for _ in partitions where arrived.count < most {
            let partition = partitions[turn]
            turn = (turn + 1) % partitions.count
            let offset = next[partition] ?? 0
            if let end = ends?[partition], offset >= end { continue }
            guard let batch = try readBatch(partition, offset, most - arrived.count, isOnce: ends != nil) else { break }
            take(batch, &arrived, &payloads)
        }
        return arrived
    }

    private mutating func take(_ batch: LogBatch, _ arrived: inout [LaneRecord], _ payloads: inout PayloadsInHand) {
        let (format, known) = (format, known)
        batch.forEachRecord { record in
            let position = Position(batch.partition, record.offset)
            let payload = Payload(key: Array(record.key), value: Array(record.value), appendMicros: record.appendTime)
            let thread = format.thread(key: payload.key, value: payload.value)
            arrived.append(LaneRecord(lane: known.conversation(thread: thread), position: position))
            payloads[position] = payload
        }
        next[batch.partition] = batch.nextOffset
    }

    /// - Returns: `nil` while the log is away.
    private mutating func readBatch(
        _ partition: TopicPartition, _ offset: Int64, _ room: Int, isOnce: Bool
    ) throws -> LogBatch? {
        do {
            let batch = try log.read(partition, from: offset, maxRecords: room, maxBytes: 8 << 20)
            if isLogAway { observe(.logIsBack) }
            isLogAway = false
            return batch
        } catch let error as LogError where error.isRetriable && !isOnce {
            noteAway(error)
            return nil
        }
    }

    private mutating func noteAway(_ error: LogError) {
        if !isLogAway { observe(.logIsAway(error.message)) }
        isLogAway = true
    }

    /// Waits until there is more to read, at most so long.
    /// - Throws: `LogError` that trying again does not mend.
    mutating func wait(millis: Int64) throws {
        do { _ = try log.waitForRecords(past: next, timeoutMillis: Int(millis)) } catch let error as LogError
            where error.isRetriable
        { noteAway(error) }
    }
}
