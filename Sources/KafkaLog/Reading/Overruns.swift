import EventLog

/// Counts when brokers gave a partition more at once than its part of what readers may hold, and tells of each partition
/// once.
///
/// Threads: any.
final class Overruns: @unchecked Sendable {
    private let allowance: FetchAllowance
    private let observe: @Sendable (String) -> Void
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var told: Set<TopicPartition> = []
    private var total: Int64 = 0

    init(_ allowance: FetchAllowance, _ observe: @escaping @Sendable (String) -> Void) {
        (self.allowance, self.observe) = (allowance, observe)
    }

    var count: Int64 { monitor.withLock { total } }

    func note(_ partition: TopicPartition, _ bytes: Int) {
        let isNew = monitor.withLock {
            total += 1
            return told.insert(partition).inserted
        }
        guard isNew else { return }
        observe(
            "\(partition): \(bytes) bytes came at once, more than the \(allowance.queueBytes + allowance.fetchBytes) of its part "
                + "of kafka.queued.max.messages.kbytes: a batch is larger than kafka.batch.size, or was compressed: it is "
                + "read all the same; raise either setting to hold no more than what is set")
    }
}
