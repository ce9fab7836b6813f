import EventLog

/// Memory of the batches that were read last, for those that are read next: asking the system for megabytes again and again
/// costs as much as filling them.
///
/// A buffer that somebody still has is not taken away from him: emptying one that is shared gives a new one.
/// Threads: any.
final class SpareBuffers: @unchecked Sendable {
    private static let most = 4
    /// What a batch makes room for at once; one that grew to more than twice as much is not kept.
    static let roomBytes = 4 << 20

    private let monitor = Monitor()
    /// Under the monitor's lock.
    private var spare: [LogBatch] = []

    /// An empty batch of a partition, to be read from an offset.
    func take(_ partition: TopicPartition, from offset: Int64) -> LogBatch {
        let last = monitor.withLock { spare.popLast() }
        var batch = last ?? LogBatch(partition: partition, bytes: [], entries: [], nextOffset: 0)
        batch.bytes.removeAll(keepingCapacity: true)
        batch.entries.removeAll(keepingCapacity: true)
        (batch.partition, batch.nextOffset) = (partition, offset)
        return batch
    }

    /// Keeps the memory of a batch that is given to a reader.
    func keep(_ batch: LogBatch) {
        guard batch.bytes.capacity <= 2 * Self.roomBytes, !batch.isEmpty else { return }
        monitor.withLock { if spare.count < Self.most { spare.append(batch) } }
    }
}
