public import EventLog
import Glibc

/// The log in one SQLite file: the embedded default.
///
/// An append returns when its bytes are synced (`synchronous=FULL`); appends that come at the same time share one
/// transaction and one sync. Several processes on one machine may append and follow. A batch is in the log as a whole or
/// not at all. Offsets are contiguous and begin at 0; nothing is ever removed.
///
/// What is stored carries a chain of checksums per partition: damage is found when it is read, and named.
///
/// The directory must be on a local file system: SQLite's write-ahead log needs shared memory between its users.
public final class SQLiteLog: EventLog, @unchecked Sendable {
    /// What may be set; the defaults are right for everybody but tests.
    public struct Options: Sendable {
        public var clock: LogClock
        /// How long an append waits for other processes' appends before it fails with `busy`, which may be tried again.
        public var busyTimeoutMillis: Int
        /// Called when a sync or another write of a commit has failed: nobody knows then what is on the disk, and the
        /// process must not go on. When it returns, every later append throws the same error.
        public var onFatal: @Sendable (LogError) -> Void
        /// A registered SQLite file layer, such as a test's faulty disk.
        public var vfs: String?

        public init(
            clock: LogClock = .system, busyTimeoutMillis: Int = 30_000,
            onFatal: @escaping @Sendable (LogError) -> Void = SQLiteLog.endProcess, vfs: String? = nil
        ) {
            self.clock = clock
            self.busyTimeoutMillis = busyTimeoutMillis
            self.onFatal = onFatal
            self.vfs = vfs
        }
    }

    /// Pages of the write-ahead log after which it is moved into the file: 8 MiB.
    static let checkpointFrames = 2_048

    public let partitionCounts: PartitionCounts
    /// Names this log and no other: a view that remembers it can tell when its log was exchanged.
    public let logID: LogID
    /// Where it is, as given.
    public let directory: String

    private let commits: GroupCommit
    private let readers: ReaderPool
    private let ends: EndWatch
    private let wakeup: Wakeup

    /// Opens the log of a directory; makes both when they are missing.
    ///
    /// Checks at once what is cheap: that the files are a log, its settings, and the last segment of each partition.
    /// ``verify()`` checks everything; a read checks what it reads.
    ///
    /// - Parameters:
    ///   - directory: a local one; made with those above it when missing.
    ///   - partitionCounts: must be those the log was made with; `nil` takes those, or the default for a new log.
    /// - Throws: `LogError`: `configuration`, `corrupt`, `readOnly`, `cannotOpen`, `full`, `inputOutput`.
    public init(directory: String, partitionCounts: PartitionCounts? = nil, options: Options = Options()) throws {
        let file = LogFile(directory: directory, vfs: options.vfs, busyTimeoutMillis: options.busyTimeoutMillis)
        try file.prepare(partitionCounts ?? PartitionCounts())
        let wakeup = try Wakeup(file.wakeupPath)
        let (logID, counts) = try file.readMeta(file.connect(cacheKiB: 64))
        if let wanted = partitionCounts, wanted != counts {
            throw LogError(
                .configuration,
                "\(file.path) was made with \(SQLiteLog.text(counts)) partitions, not \(SQLiteLog.text(wanted)): the number is "
                    + "fixed for a log's life; open it with its own")
        }
        let name = "the log in \(directory)"
        let writer = try SegmentWriter(file, logID: logID, counts: counts, clock: options.clock)
        self.directory = directory
        self.logID = logID
        self.wakeup = wakeup
        self.partitionCounts = counts
        readers = ReaderPool(file, logID: logID, name: name)
        ends = try EndWatch(file, counts: counts, name: name)
        commits = GroupCommit(writer, name: name, afterCommit: { wakeup.signal() }, onFatal: options.onFatal)
        try readers.withReader { reader in for partition in counts.all { try reader.verifyEnd(of: partition) } }
    }

    deinit { close() }

    private static func text(_ counts: PartitionCounts) -> String {
        Topic.allCases.map { "\($0.name) \(counts[$0])" }.joined(separator: ", ")
    }

    /// Says what happened on standard error and ends the process at once with code 74 (input/output failed).
    public static let endProcess: @Sendable (LogError) -> Void = { error in
        let line = Array("parley: the log cannot go on and the process ends: \(error)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        // Not exit(): nothing of this process may run on as if its appends were durable.
        _exit(74)
    }

    // MARK: EventLog

    public func append(_ batch: AppendBatch) throws -> [Appended] {
        try batch.validate(for: partitionCounts)
        return try commits.append(batch)
    }

    public func read(
        _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
    ) throws -> LogBatch {
        try validateRead(partition, maxRecords: maxRecords, maxBytes: maxBytes)
        guard offset >= 0 else {
            throw LogError.offsetOutOfRange(partition, asked: offset, start: 0, end: try endOffset(of: partition))
        }
        return try readers.withReader {
            try $0.read(partition, from: offset, maxRecords: maxRecords, maxBytes: maxBytes)
        }
    }

    /// Always 0: this log forgets nothing.
    public func startOffset(of partition: TopicPartition) throws -> Int64 {
        _ = try endOffset(of: partition)
        return 0
    }

    public func endOffset(of partition: TopicPartition) throws -> Int64 {
        guard let index = partitionCounts.index(of: partition) else {
            throw LogError.noSuchPartition(partition, partitionCounts)
        }
        return try ends.current()[index]
    }

    public func endOffsets() throws -> [TopicPartition: Int64] {
        Dictionary(uniqueKeysWithValues: zip(partitionCounts.all, try ends.current()))
    }

    public func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        let wanted = try past.map { partition, offset in
            guard let index = partitionCounts.index(of: partition) else {
                throw LogError.noSuchPartition(partition, partitionCounts)
            }
            return (index: index, offset: offset)
        }
        let deadline = Monitor.deadline(afterMillis: timeoutMillis)
        try wakeup.startWatching()
        while true {
            let seen = wakeup.current()
            let ends = try ends.current()
            if wanted.contains(where: { ends[$0.index] > $0.offset }) { return true }
            if Monitor.nowNanos() >= deadline { return false }
            wakeup.wait(since: seen, untilNanos: deadline)
        }
    }

    public func close() {
        commits.close()
        ends.close()
        wakeup.close()
        readers.close()
    }

    /// Reads and verifies everything: the tables' structure, then every segment of every partition.
    ///
    /// - Returns: what there is, per partition.
    /// - Throws: `LogError` with `corrupt`, which names the first damage with file, partition and offset.
    public func verify() throws -> [PartitionSize] {
        try readers.withReader { reader in
            let sizes = try partitionCounts.all.map { try reader.verifyAll(of: $0) }
            if let finding = try reader.structuralFindings().first {
                throw LogError(
                    .corrupt,
                    "the structure of the file in \(directory) is damaged: \(finding); restore it from a backup")
            }
            return sizes
        }
    }
}

/// How much a partition holds.
public struct PartitionSize: Sendable, Equatable {
    public var partition: TopicPartition
    public var records: Int64
    public var segments: Int64
    /// Of keys and values with their framing.
    public var bytes: Int64
}
