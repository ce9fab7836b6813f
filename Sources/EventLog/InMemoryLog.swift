/// A log that lives and ends with the process: for tests and simulations.
///
/// It keeps the whole contract except that a crash loses everything.
public final class InMemoryLog: EventLog, @unchecked Sendable {
    private struct Sequence {
        var start: Int64 = 0
        var bytes: [UInt8] = []
        /// Offsets are implied: the first entry stands at `start`.
        var entries: [(appendTime: Int64, start: Int, keyCount: Int32, valueCount: Int32)] = []
        var lastTime: Int64 = .min

        var end: Int64 { start + Int64(entries.count) }
    }

    public let partitionCounts: PartitionCounts
    private let clock: LogClock
    private let monitor = Monitor()
    private var sequences: [Sequence]
    private var isClosed = false

    public init(partitionCounts: PartitionCounts = PartitionCounts(), clock: LogClock = .system) {
        self.partitionCounts = partitionCounts
        self.clock = clock
        sequences = Array(repeating: Sequence(), count: partitionCounts.total)
    }

    public func append(_ batch: AppendBatch) throws -> [Appended] {
        try batch.validate(for: partitionCounts)
        return try withOpenLog {
            let now = clock.nowMicros()
            var answers: [Appended] = []
            answers.reserveCapacity(batch.count)
            for entry in batch.entries { answers.append(store(entry, of: batch, now: now)) }
            if !answers.isEmpty { monitor.wakeAll() }
            return answers
        }
    }

    private func store(_ entry: AppendBatch.Entry, of batch: AppendBatch, now: Int64) -> Appended {
        guard let index = partitionCounts.index(of: entry.partition) else { preconditionFailure("validated before") }
        let time = max(now, sequences[index].lastTime)
        let answer = Appended(offset: sequences[index].end, appendTime: time)
        sequences[index].entries.append(
            (time, sequences[index].bytes.count, Int32(entry.keyCount), Int32(entry.valueCount)))
        sequences[index].bytes.append(contentsOf: batch.bytes[entry.start..<entry.valueRange.upperBound])
        sequences[index].lastTime = time
        return answer
    }

    public func read(
        _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> LogBatch {
        try validateRead(partition, maxRecords: maxRecords, maxBytes: maxBytes)
        return try withSequence(of: partition) { sequence in
            guard offset >= sequence.start && offset <= sequence.end else {
                throw LogError.offsetOutOfRange(partition, asked: offset, start: sequence.start, end: sequence.end)
            }
            return slice(sequence, partition, from: Int(offset - sequence.start), maxRecords, maxBytes)
        }
    }

    private func slice(
        _ sequence: Sequence, _ partition: TopicPartition, from first: Int, _ maxRecords: Int, _ maxBytes: Int
    ) -> LogBatch {
        var batch = LogBatch(partition: partition, bytes: [], entries: [], nextOffset: sequence.start + Int64(first))
        guard first < sequence.entries.count else { return batch }
        let base = sequence.entries[first].start
        var taken = 0
        for entry in sequence.entries[first...].prefix(maxRecords) {
            let size = Int(entry.keyCount) + Int(entry.valueCount)
            if !batch.isEmpty && size > maxBytes - taken { break }
            batch.entries.append(
                LogBatch.Entry(
                    offset: batch.nextOffset, appendTime: entry.appendTime, start: entry.start - base,
                    keyCount: entry.keyCount, valueCount: entry.valueCount))
            batch.nextOffset += 1
            taken = entry.start - base + size
        }
        batch.bytes = Array(sequence.bytes[base..<base + taken])
        return batch
    }

    public func startOffset(of partition: TopicPartition) throws -> Int64 {
        try withSequence(of: partition) { $0.start }
    }

    public func endOffset(of partition: TopicPartition) throws -> Int64 {
        try withSequence(of: partition) { $0.end }
    }

    public func endOffsets() throws -> [TopicPartition: Int64] {
        try withOpenLog {
            Dictionary(uniqueKeysWithValues: zip(partitionCounts.all, sequences.map(\.end)))
        }
    }

    public func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        let deadline = Monitor.deadline(afterMillis: timeoutMillis)
        return try withOpenLog {
            while true {
                if isClosed { throw closedError }
                if try isAnyEnd(beyond: past) { return true }
                if Monitor.nowNanos() >= deadline { return false }
                monitor.wait(untilNanos: deadline)
            }
        }
    }

    private func isAnyEnd(beyond past: [TopicPartition: Int64]) throws -> Bool {
        for (partition, offset) in past {
            guard let index = partitionCounts.index(of: partition) else {
                throw LogError.noSuchPartition(partition, partitionCounts)
            }
            if sequences[index].end > offset { return true }
        }
        return false
    }

    public func close() {
        monitor.withLock {
            isClosed = true
            monitor.wakeAll()
        }
    }

    /// Forgets the records before an offset, as a broker's retention does: for tests of what readers do then.
    public func dropRecords(of partition: TopicPartition, before offset: Int64) throws {
        try withOpenLog {
            guard let index = partitionCounts.index(of: partition) else {
                throw LogError.noSuchPartition(partition, partitionCounts)
            }
            let count = min(max(0, offset - sequences[index].start), Int64(sequences[index].entries.count))
            sequences[index].entries.removeFirst(Int(count))
            sequences[index].start += count
        }
    }

    private var closedError: LogError { .closed("the in-memory log") }

    private func withOpenLog<Result>(_ body: () throws -> Result) throws -> Result {
        try monitor.withLock {
            if isClosed { throw closedError }
            return try body()
        }
    }

    private func withSequence<Result>(of partition: TopicPartition, _ body: (Sequence) throws -> Result) throws
        -> Result
    {
        try withOpenLog {
            guard let index = partitionCounts.index(of: partition) else {
                throw LogError.noSuchPartition(partition, partitionCounts)
            }
            return try body(sequences[index])
        }
    }
}
