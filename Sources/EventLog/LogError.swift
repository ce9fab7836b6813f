/// Why a log did not do what was asked.
public struct LogError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// `close()` was called.
        case closed
        /// There is no such topic partition in this log.
        case noSuchPartition
        /// The offset is before the first record kept or beyond the end.
        case offsetOutOfRange
        /// A record is larger than ``LogLimits/recordBytes`` or its key than ``LogLimits/keyBytes``.
        case recordTooLarge
        /// A batch has more than ``LogLimits/batchRecords`` records or ``LogLimits/batchBytes`` bytes.
        case batchTooLarge
        /// A limit or a time that makes no sense, such as zero records to read.
        case invalidArgument
        /// There is no space left. Nothing of the batch is in the log.
        case full
        /// Other writers held the log for too long. Nothing of the batch is in the log.
        case busy
        /// The log may not be written by this process.
        case readOnly
        /// The log cannot be opened or made where it should be.
        case cannotOpen
        /// What is stored is not what was written. Nothing of it is served.
        case corrupt
        /// The log was made with other settings, such as another number of partitions.
        case configuration
        /// The system failed to read, write or sync.
        case inputOutput
        /// A server is not reachable.
        case unavailable
        /// The server does not let us.
        case notAllowed
    }

    public var code: Code
    /// What happened, where, and what to do.
    public var message: String
    /// The same call may succeed later.
    public var isRetriable: Bool
    /// Of an append: some of the batch's records may be in the log, or may still get there. Append again with the same
    /// command ids. When `false`, nothing of the batch is in the log.
    public var outcomeUnknown: Bool
    /// What the storage or the server said.
    public var cause: (any Error)?

    public init(
        _ code: Code, _ message: String, isRetriable: Bool = false, outcomeUnknown: Bool = false,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.outcomeUnknown = outcomeUnknown
        self.cause = cause
    }

    public var description: String {
        let reason = cause.map { " (cause: \($0))" } ?? ""
        return "log \(code.rawValue): \(message)\(reason)"
    }
}

extension LogError {
    /// The log was closed.
    public static func closed(_ log: String) -> LogError { LogError(.closed, "\(log) is closed; open it again") }

    public static func noSuchPartition(_ partition: TopicPartition, _ counts: PartitionCounts) -> LogError {
        let last = counts[partition.topic] - 1
        return LogError(
            .noSuchPartition, "there is no \(partition): \(partition.topic.name) has partitions 0 to \(last)")
    }

    /// Names the offset asked for and both ends of what is there.
    public static func offsetOutOfRange(
        _ partition: TopicPartition, asked: Int64, start: Int64, end: Int64
    ) -> LogError {
        let side = asked < start ? "before the first record kept" : "beyond the end"
        return LogError(
            .offsetOutOfRange,
            "offset \(asked) of \(partition) is \(side): the log holds \(start) up to but not including \(end); "
                + "rebuild the view or correct its position")
    }
}
