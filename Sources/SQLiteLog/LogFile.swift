import EventLog
import Glibc
import SQLite

/// The files of a log: where they are, how they are made, and what must hold when they are opened.
///
/// `log.sqlite` holds everything (with SQLite's own `-wal` and `-shm` beside it); `log.wakeup` is one byte that appenders
/// touch to wake followers.
struct LogFile: Sendable {
    static let applicationID: Int64 = 0x5072_4C67  // "PrLg"
    static let formatVersion: Int64 = 1
    /// Segments of a few kilobytes fill pages of 4 KiB better than larger ones, and small commits write less.
    static let pageSize = 4_096

    let directory: String
    let vfs: String?
    let busyTimeoutMillis: Int

    var path: String { "\(directory)/log.sqlite" }
    var wakeupPath: String { "\(directory)/log.wakeup" }

    // MARK: Opening

    func connect(cacheKiB: Int) throws -> Connection {
        let connection: Connection
        do {
            connection = try Connection(
                path, access: .readWrite, busyTimeoutMillis: busyTimeoutMillis, vfs: vfs,
                pragmas: ["synchronous=FULL", "cache_size=-\(cacheKiB)", "trusted_schema=OFF"])
        } catch let error as SQLiteError { throw LogError(error, "open", path) }
        guard !connection.isReadOnly else {
            throw LogError(.readOnly, "\(path) may only be read by this process; give it write permission")
        }
        return connection
    }

    /// Makes what is missing.
    /// - Parameter counts: the partition counts of a log that is made here.
    func prepare(_ counts: PartitionCounts) throws {
        try makeDirectory()
        // In this order: whoever makes a log makes the wakeup file last.
        let wasUsed = try size(of: wakeupPath) != nil
        switch try size(of: path) {
        case .some(0):
            throw LogError(.corrupt, "\(path) is empty: it was cut or overwritten; restore it from a backup")
        case .some: break
        case nil:
            guard !wasUsed else {
                throw LogError(
                    .corrupt,
                    "\(path) is missing although \(wakeupPath) says that there was a log; restore it from a backup, or "
                        + "remove the directory to begin a new log")
            }
            try make(counts)
        }
    }

    /// Makes the file under another name and links it into its place complete, so that nobody ever sees half a log.
    private func make(_ counts: PartitionCounts) throws {
        let draft = "\(directory)/log.new-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(draft + suffix) } }
        do {
            let connection = try Connection(
                draft, access: .create, pageSize: LogFile.pageSize, vfs: vfs,
                pragmas: ["journal_mode=WAL", "synchronous=FULL"])
            try connection.transaction { try LogFile.writeSchema(connection, counts, LogID.random()) }
            _ = try connection.checkpoint(.truncate)
        } catch let error as SQLiteError { throw LogError(error, "make a log", path) }
        guard link(draft, path) == 0 || errno == EEXIST else { throw LogError(system: "make \(path)", errno) }
        try syncDirectory(directory)
    }

    private static func writeSchema(_ connection: Connection, _ counts: PartitionCounts, _ logID: LogID) throws {
        try connection.execute(
            """
            PRAGMA application_id = \(applicationID);
            PRAGMA user_version = \(formatVersion);
            CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
            CREATE TABLE segment (
                id           INTEGER PRIMARY KEY,  -- in order of commit: new segments fill new pages
                place        INTEGER NOT NULL,     -- topic << 16 | partition
                first_offset INTEGER NOT NULL,
                count        INTEGER NOT NULL,
                append_time  INTEGER NOT NULL,     -- microseconds since 1970
                checksum     INTEGER NOT NULL,
                bytes        BLOB NOT NULL
            ) STRICT;
            CREATE UNIQUE INDEX segment_place ON segment (place, first_offset);
            CREATE TABLE partition_end (  -- what the segments must come to, so that none can be missing at the end
                place        INTEGER PRIMARY KEY,
                end_offset   INTEGER NOT NULL,
                append_time  INTEGER NOT NULL,     -- of the last segment
                checksum     INTEGER NOT NULL      -- of the last segment
            ) STRICT;
            """)
        try writeMeta(connection, counts, logID)
        let insert = try connection.prepare("INSERT INTO partition_end VALUES (?1, 0, 0, 0)")
        for partition in counts.all {
            try insert.bind(Segment.place(partition), at: 1)
            try insert.run()
        }
    }

    private static func writeMeta(_ connection: Connection, _ counts: PartitionCounts, _ logID: LogID) throws {
        let insert = try connection.prepare("INSERT INTO meta (name, value) VALUES (?1, ?2)")
        try insert.bind(text: "log-id", at: 1)
        try insert.bind(high: logID.high, low: logID.low, at: 2)
        try insert.run()
        for topic in Topic.allCases {
            try insert.bind(text: "partitions/\(topic.name)", at: 1)
            try insert.bind(Int64(counts[topic]), at: 2)
            try insert.run()
        }
    }

    // MARK: What the file says about itself

    /// Reads the log's id and partition counts.
    /// - Throws: `LogError` when the file is not a log, or one of a later version.
    func readMeta(_ connection: Connection) throws -> (LogID, PartitionCounts) {
        do {
            let application = try connection.queryInt64("PRAGMA application_id") ?? 0
            guard application == LogFile.applicationID else {
                throw LogError(.corrupt, "\(path) is not a log of Parley: its application id is \(application)")
            }
            let version = try connection.queryInt64("PRAGMA user_version") ?? 0
            guard version == LogFile.formatVersion else {
                throw LogError(
                    .configuration, "\(path) has format version \(version); this program reads \(LogFile.formatVersion)"
                )
            }
            return (try readLogID(connection), try readCounts(connection))
        } catch let error as SQLiteError { throw LogError(error, "open", path) }
    }

    private func readLogID(_ connection: Connection) throws -> LogID {
        let query = try connection.prepare("SELECT value FROM meta WHERE name = 'log-id'")
        guard try query.step(), let id = query.identifier(0) else {
            throw LogError(.corrupt, "\(path) has no log id; restore it from a backup")
        }
        return LogID(high: id.high, low: id.low)
    }

    private func readCounts(_ connection: Connection) throws -> PartitionCounts {
        let query = try connection.prepare("SELECT value FROM meta WHERE name = ?1")
        func count(of topic: Topic) throws -> Int32 {
            defer { query.reset() }
            try query.bind(text: "partitions/\(topic.name)", at: 1)
            guard try query.step(), (1...32_768).contains(query.int64(0)) else {
                throw LogError(.corrupt, "\(path) has no partition count of \(topic.name); restore it from a backup")
            }
            return Int32(query.int64(0))
        }
        return PartitionCounts(
            conversationCommands: try count(of: .conversationCommands), memberCommands: try count(of: .memberCommands),
            legacyWrites: try count(of: .legacyWrites))
    }
}
