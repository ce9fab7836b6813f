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
    private var open: (connection: Connection, ends: PartitionEnds)?
    private var ends: [Int64]
    private var seenVersion: Int64 = -1

    init(_ file: LogFile, counts: PartitionCounts, name: String) throws {
        self.file = file
        self.name = name
        partitions = counts.all
        ends = Array(repeating: 0, count: counts.total)
        do {
            let connection = try file.connect(cacheKiB: 512)
            open = (connection, try PartitionEnds(connection, path: file.path))
        } catch let error as SQLiteError { throw LogError(error, "open", file.path) }
    }

    /// The ends of all partitions, in the order of ``PartitionCounts/all``.
    func current() throws -> [Int64] {
        try monitor.withLock {
            guard let open else { throw LogError.closed(name) }
            do { try refresh(open.connection, open.ends) } catch let error as SQLiteError {
                seenVersion = -1
                throw LogError(error, "look for the end", file.path)
            }
            return ends
        }
    }

    /// The version is read first: a commit in between is seen again next time, never missed.
    private func refresh(_ connection: Connection, _ table: PartitionEnds) throws {
        let version = try connection.dataVersion()
        guard version != seenVersion else { return }
        let found = try table.readAll(partitions)
        for (index, end) in found.enumerated() where end < ends[index] {
            // Nothing is ever removed, so an end that went back is another file's.
            throw LogError.damaged(
                file.path, partitions[index], offset: end, "the log has ended at \(ends[index]) before")
        }
        ends = found
        seenVersion = version
    }

    func close() { monitor.withLock { open = nil } }
}
