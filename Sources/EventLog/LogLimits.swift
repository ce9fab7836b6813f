/// What a log takes at most; the same for every log, so that what one takes all take.
public enum LogLimits {
    /// Bytes of a record, key and value together. Kafka's default allows 1,048,588 with its own framing.
    public static let recordBytes = 1_000_000
    /// Bytes of a key.
    public static let keyBytes = 1_024
    /// Records of one batch.
    public static let batchRecords = 100_000
    /// Bytes of one batch, keys and values together.
    public static let batchBytes = 64 << 20
}

extension AppendBatch {
    /// Checks what every log checks before it appends.
    /// - Throws: `LogError` with `noSuchPartition`, `recordTooLarge` or `batchTooLarge`, naming the entry.
    public func validate(for counts: PartitionCounts) throws {
        guard count <= LogLimits.batchRecords && bytes.count <= LogLimits.batchBytes else {
            throw LogError(
                .batchTooLarge,
                "a batch of \(count) records and \(bytes.count) bytes; at most \(LogLimits.batchRecords) and "
                    + "\(LogLimits.batchBytes): append it in parts")
        }
        for (index, entry) in entries.enumerated() {
            guard counts.index(of: entry.partition) != nil else {
                throw LogError.noSuchPartition(entry.partition, counts)
            }
            guard entry.keyCount <= LogLimits.keyBytes && entry.keyCount + entry.valueCount <= LogLimits.recordBytes
            else {
                throw LogError(
                    .recordTooLarge,
                    "entry \(index) of the batch, for \(entry.partition), has a key of \(entry.keyCount) bytes and a value "
                        + "of \(entry.valueCount); at most \(LogLimits.keyBytes), and \(LogLimits.recordBytes) together"
                )
            }
        }
    }
}
