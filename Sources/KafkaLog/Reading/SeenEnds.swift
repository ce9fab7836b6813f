import EventLog

/// The furthest ends that were seen: before them there are records, without asking again.
///
/// Threads: any.
final class SeenEnds: @unchecked Sendable {
    private let monitor = Monitor()
    private let counts: PartitionCounts
    /// Under the monitor's lock; in the order of ``PartitionCounts/all``.
    private var ends: [Int64]

    init(_ counts: PartitionCounts) {
        self.counts = counts
        ends = Array(repeating: 0, count: counts.total)
    }

    func note(_ partitions: [TopicPartition], _ found: [Int64]) {
        monitor.withLock {
            for (partition, end) in zip(partitions, found) {
                guard let index = counts.index(of: partition) else { continue }
                ends[index] = max(ends[index], end)
            }
        }
    }

    /// The end of a partition, or an earlier one.
    func end(at index: Int) -> Int64 { monitor.withLock { ends[index] } }

    /// Forgets a partition that is not what it was.
    func forget(_ index: Int) { monitor.withLock { ends[index] = 0 } }
}
