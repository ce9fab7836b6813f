import EventLog
import SQLite

/// Knows where the partitions end, and asks the database again only when somebody has committed.
///
/// Threads: any; callers take turns.
final class EndWatch: @unchecked Sendable {
    private let file: LogFile
    private let partitions: [TopicPartition]
    private let name: String
    private let monitor = Monitor()
    /// `nil` after `close()`.
    private var open: (connection: Connection, tail: Statement)?
    private var ends: [Int64]
    private var seenVersion: Int64 = -1

    init(_ file: LogFile, counts: PartitionCounts, name: String) throws {
        self.file = file
        self.name = name
        partitions = counts.all
        ends = Array(repeating: 0, count: counts.total)
        do {
            let connection = try file.connect(cacheKiB: 512)
            open = (connection, try Tail.prepare(connection))
        } catch let error as SQLiteError { throw LogError(error, "open", file.path) }
    }

    /// The ends of all partitions, in the order of ``PartitionCounts/all``.
    func current() throws -> [Int64] {
        try monitor.withLock {
            guard let open else { throw LogError.closed(name) }
            do { try refresh(open.connection, open.tail) } catch let error as SQLiteError {
                seenVersion = -1
                throw LogError(error, "look for the end", file.path)
            }
            return ends
        }
    }

    /// The version is read first: a commit in between is seen again next time, never missed.
    private func refresh(_ connection: Connection, _ tail: Statement) throws {
        let version = try connection.dataVersion()
        guard version != seenVersion else { return }
        try connection.readTransaction {
            for (index, partition) in partitions.enumerated() {
                let end = try Tail.read(tail, partition).link.end
                // Nothing is ever removed, so an end that went back is another file's.
                guard end >= ends[index] else {
                    throw LogError.damaged(
                        file.path, partition, offset: end, "the log has ended at \(ends[index]) before")
                }
                ends[index] = end
            }
        }
        seenVersion = version
    }

    func close() { monitor.withLock { open = nil } }
}
