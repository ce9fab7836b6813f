/// A log as it was: nothing behind the bounds is in it. Nothing is appended to it.
public struct BoundedLog: EventLog {
    private let log: any EventLog
    private let bounds: [TopicPartition: Int64]

    /// - Parameter bounds: where each partition ends; those that are not named are empty.
    public init(_ log: any EventLog, bounds: [TopicPartition: Int64]) {
        self.log = log
        self.bounds = bounds
    }

    public var partitionCounts: PartitionCounts { log.partitionCounts }

    public func append(_ batch: AppendBatch) throws -> [Appended] {
        throw LogError(.readOnly, "a log as it was takes no new records")
    }

    public func read(
        _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> LogBatch {
        let end = try endOffset(of: partition)
        guard offset <= end else {
            throw LogError.offsetOutOfRange(partition, asked: offset, start: try startOffset(of: partition), end: end)
        }
        if offset == end { return LogBatch(partition: partition, bytes: [], entries: [], nextOffset: offset) }
        var batch = try log.read(
            partition, from: offset, maxRecords: Int(min(Int64(maxRecords), end - offset)), maxBytes: maxBytes)
        batch.entries.removeAll { $0.offset >= end }
        batch.nextOffset = min(batch.nextOffset, end)
        return batch
    }

    public func startOffset(of partition: TopicPartition) throws -> Int64 {
        min(try log.startOffset(of: partition), try endOffset(of: partition))
    }

    public func endOffset(of partition: TopicPartition) throws -> Int64 {
        min(bounds[partition] ?? 0, try log.endOffset(of: partition))
    }

    public func endOffsets() throws -> [TopicPartition: Int64] {
        try log.endOffsets().reduce(into: [:]) { $0[$1.key] = min(bounds[$1.key] ?? 0, $1.value) }
    }

    public func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        try endOffsets().contains { $0.value > past[$0.key] ?? .max }
    }

    /// The log belongs to whoever opened it.
    public func close() {}
}
