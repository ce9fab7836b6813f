public import EventLog

/// A log that does nothing and complains about nothing: every check of ``LogConformance`` must fail on it.
public struct NoOpLog: EventLog {
    public let partitionCounts = PartitionCounts()

    public init() {}

    public func append(_ batch: AppendBatch) throws -> [Appended] {
        batch.entries.map { _ in Appended(offset: 0, appendTime: 0) }
    }

    public func read(
        _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> LogBatch {
        LogBatch(partition: partition, bytes: [], entries: [], nextOffset: offset)
    }

    public func startOffset(of partition: TopicPartition) throws -> Int64 { 0 }
    public func endOffset(of partition: TopicPartition) throws -> Int64 { 0 }
    public func endOffsets() throws -> [TopicPartition: Int64] { [:] }
    public func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool { false }
    public func close() {}
}
