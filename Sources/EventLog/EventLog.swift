/// The log: the only truth. Records are appended in batches and read from a position; nothing is changed or removed.
///
/// **Threads.** Every call may block on a disk, a server or other callers: call from a thread that may block, never from
/// Swift's cooperative pool. All calls may be made from any number of threads at once.
///
/// **Order.** Each partition is a sequence. The records of one batch for one partition stand in it in the batch's order;
/// those of other callers may stand between them. A batch appended after another one's append has returned stands behind
/// it in every partition. Between partitions there is no order.
///
/// **Offsets** start at 0 and increase. They are contiguous, except where a log says that it keeps places of its own
/// between records (Kafka with transactional producers beside us); readers go on from ``LogBatch/nextOffset``.
///
/// **Append time** is the log's clock in microseconds since 1970. It never decreases within a partition, even when the
/// clock is set back: it then stands still until the clock has caught up.
///
/// **Reading** gives the same bytes for the same offset to everybody, forever, or an error; what fails its checksum is
/// named and not given.
public protocol EventLog: Sendable {
    /// How many partitions each topic has.
    var partitionCounts: PartitionCounts { get }

    /// Appends records and waits until they are durable.
    ///
    /// An answer means that every record is where it says, will be found there after a crash of this process or of the
    /// machine, and can be read by everybody now. An error with ``LogError/outcomeUnknown`` false means that no record of
    /// the batch is in the log or will be. With `outcomeUnknown` any of them may be in it, each one whole: append the batch
    /// again; its command ids make the copies harmless. Logs in one file append a batch as a whole or not at all; logs on
    /// a server give that for each record only, so do not build on it.
    ///
    /// - Parameter batch: at most what ``LogLimits`` allows; an empty one does nothing.
    /// - Returns: one answer per entry, in the order of the batch.
    /// - Throws: `LogError`.
    func append(_ batch: AppendBatch) throws -> [Appended]

    /// Reads records of one partition without waiting for new ones.
    ///
    /// - Parameters:
    ///   - offset: where to start, from the partition's start to its end; at the end the answer is empty.
    ///   - maxRecords: at least 1.
    ///   - maxBytes: of keys and values, at least 1; the first record is given even if it is larger, so that reading goes on.
    /// - Returns: as many records as there are within the limits, or fewer, but at least one when there is one.
    /// - Throws: `LogError`; `offsetOutOfRange` names the offset and both ends, and is never answered by a jump.
    func read(_ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int) throws -> LogBatch

    /// The offset of the first record still kept; the end when there is none.
    func startOffset(of partition: TopicPartition) throws -> Int64

    /// The offset the next record will have: that behind the last durable record.
    func endOffset(of partition: TopicPartition) throws -> Int64

    /// The ends of all partitions. Everything whose append returned before this call is below them.
    func endOffsets() throws -> [TopicPartition: Int64]

    /// Waits until there is something new.
    ///
    /// - Parameters:
    ///   - past: offsets up to which the caller has read; it returns as soon as a partition's end is greater than its own.
    ///   - timeoutMillis: how long to wait; 0 only looks.
    /// - Returns: `true` when there is something to read, `false` when time is up.
    /// - Throws: `LogError`; `closed` when the log is closed meanwhile.
    func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool

    /// Says how far a reader has come, for tools that show lag. A hint: nothing depends on it, and it never fails.
    ///
    /// - Parameters:
    ///   - positions: the reader's next offsets, of any partitions.
    ///   - reader: its name, such as a projection's.
    func show(_ positions: [TopicPartition: Int64], of reader: String)

    /// Ends the use of the log and wakes whoever waits. Appends under way end first. Later calls throw `closed`; closing
    /// again does nothing.
    func close()
}

extension EventLog {
    /// Most logs have no such tools.
    public func show(_ positions: [TopicPartition: Int64], of reader: String) {}

    /// Checks what every log checks before it reads.
    public func validateRead(_ partition: TopicPartition, maxRecords: Int, maxBytes: Int) throws {
        guard partitionCounts.index(of: partition) != nil else {
            throw LogError.noSuchPartition(partition, partitionCounts)
        }
        guard maxRecords > 0 && maxBytes > 0 else {
            throw LogError(
                .invalidArgument, "a read of \(maxRecords) records and \(maxBytes) bytes; at least 1 of each")
        }
    }
}
