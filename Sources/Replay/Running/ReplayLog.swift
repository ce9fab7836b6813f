import EventLog

/// A log that a rebuild reads: nothing is appended through it, and nobody is told how far it has come.
struct ReplayLog: EventLog {
    let log: any EventLog

    var partitionCounts: PartitionCounts { log.partitionCounts }

    func append(_ batch: AppendBatch) throws -> [Appended] { preconditionFailure("a rebuild never appends") }

    func read(_ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int) throws -> LogBatch {
        try log.read(partition, from: offset, maxRecords: maxRecords, maxBytes: maxBytes)
    }

    func startOffset(of partition: TopicPartition) throws -> Int64 { try log.startOffset(of: partition) }
    func endOffset(of partition: TopicPartition) throws -> Int64 { try log.endOffset(of: partition) }
    func endOffsets() throws -> [TopicPartition: Int64] { try log.endOffsets() }

    func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        try log.waitForRecords(past: past, timeoutMillis: timeoutMillis)
    }

    func show(_ positions: [TopicPartition: Int64], of reader: String) {}

    /// The log belongs to the caller.
    func close() {}
}
