/// How much of what they fetched the readers of a log may hold, and what that means for librdkafka's settings.
///
/// A partition that is fetched holds at most ``partitionBytes``: a queue below ``queueBytes``, which is when the next fetch is
/// asked for; that fetch, of ``fetchBytes``; and as much again that was taken out of the queue at once and is not read yet.
/// Of all partitions and positions only ``partitions`` are fetched at the same time, so that the sum stays below the whole.
///
/// Bytes are those of keys and values. A batch of a producer is never divided by brokers, so the bound is one for batches of
/// at most ``fetchBytes``, as they are after decompression. A larger one is read all the same, and told of.
struct FetchAllowance: Sendable, Equatable {
    /// The largest batch that our producers make of several records, unless `kafka.batch.size` says otherwise.
    static let batchBytes = 128 << 10
    private static let leastQueueBytes = 64 << 10
    private static let mostPartBytes = 1 << 20
    /// How many readers at different positions of each partition are thought of.
    private static let readers = 2

    /// Below this much in its queue a partition is fetched.
    let queueBytes: Int
    /// What a fetch brings of one partition.
    let fetchBytes: Int
    /// What a fetch brings of all partitions.
    let responseBytes: Int
    /// How many partitions, or positions of one, are fetched at the same time.
    let partitions: Int

    /// Whether several readers of every partition fetch at the same time.
    let isAmple: Bool

    /// What one partition holds at most.
    var partitionBytes: Int { 2 * (queueBytes + fetchBytes) }
    /// What all hold at most.
    var totalBytes: Int { partitions * partitionBytes }

    /// - Parameters:
    ///   - wholeBytes: what all partitions may hold; less than one of them needs counts as that.
    ///   - batchBytes: the largest batch of a producer.
    ///   - fetchBytes: what a fetch brings of one partition; `nil` leaves it to the rest.
    ///   - topicPartitions: how many partitions there are to read.
    init(wholeBytes: Int, batchBytes: Int = Self.batchBytes, fetchBytes: Int? = nil, topicPartitions: Int) {
        let part = wholeBytes / (Self.readers * max(1, topicPartitions))
        let fetch = max(batchBytes, fetchBytes ?? min(part / 4, Self.mostPartBytes))
        queueBytes = min(max(part / 2 - fetch, Self.leastQueueBytes), Self.mostPartBytes)
        self.fetchBytes = fetch
        partitions = max(1, wholeBytes / (2 * (queueBytes + fetch)))
        isAmple = partitions >= Self.readers * topicPartitions
        responseBytes = min(max(wholeBytes / 4, 1 << 20), 16 << 20)
    }

    /// Of clients that ask and fetch nothing.
    static let none = FetchAllowance(wholeBytes: 0, topicPartitions: 1)

    /// What readers may hold when nothing is said: enough for two of each partition.
    static func defaultBytes(topicPartitions: Int) -> Int {
        max(64 << 20, 4 * batchBytes * readers * topicPartitions)
    }
}
