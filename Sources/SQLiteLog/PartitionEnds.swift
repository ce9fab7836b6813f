import EventLog
import SQLite

/// The end of a partition: what the next segment goes on from.
struct Tail: Equatable {
    var link: Link
    /// Of the last segment.
    var appendTime: Int64
}

/// The table `partition_end`, over one connection: where each partition ends, written with every append.
///
/// It says what the segments must come to: without it, segments lost at the end of a partition could not be missed.
final class PartitionEnds {
    private let path: String
    private let one: Statement
    private let all: Statement
    private let lastSegment: Statement
    private let update: Statement

    init(_ connection: Connection, path: String) throws {
        self.path = path
        one = try connection.prepare("SELECT end_offset, append_time, checksum FROM partition_end WHERE place = ?1")
        all = try connection.prepare("SELECT place, end_offset FROM partition_end ORDER BY place")
        lastSegment = try connection.prepare(
            """
            SELECT first_offset, count, append_time, checksum FROM segment
            WHERE place = ?1 ORDER BY first_offset DESC LIMIT 1
            """)
        update = try connection.prepare(
            "UPDATE partition_end SET end_offset = ?2, append_time = ?3, checksum = ?4 WHERE place = ?1")
    }

    /// Where a partition ends, as the table says.
    func read(_ partition: TopicPartition) throws -> Tail {
        defer { one.reset() }
        try one.bind(Segment.place(partition), at: 1)
        guard try one.step() else {
            throw LogError.damaged(path, partition, offset: 0, "the table partition_end does not have the partition")
        }
        return Tail(
            link: Link(end: one.int64(0), checksum: UInt64(bitPattern: one.int64(2))), appendTime: one.int64(1))
    }

    /// Where a partition ends, when its last segment says the same.
    ///
    /// - Precondition: in a transaction; else an append between the two questions looks like damage.
    func readChecked(_ partition: TopicPartition) throws -> Tail {
        let recorded = try read(partition)
        defer { lastSegment.reset() }
        try lastSegment.bind(Segment.place(partition), at: 1)
        var found = Tail(link: .start, appendTime: 0)
        if try lastSegment.step() {
            found = Tail(
                link: Link(
                    end: lastSegment.int64(0) &+ lastSegment.int64(1),
                    checksum: UInt64(bitPattern: lastSegment.int64(3))), appendTime: lastSegment.int64(2))
        }
        guard found == recorded else {
            throw LogError.damaged(
                path, partition, offset: min(found.link.end, recorded.link.end),
                "the segments end at \(found.link.end), the table partition_end says \(recorded.link.end)")
        }
        return recorded
    }

    /// Where all partitions end, in the order of ``PartitionCounts/all``.
    func readAll(_ partitions: [TopicPartition]) throws -> [Int64] {
        defer { all.reset() }
        return try partitions.map { partition in
            guard try all.step(), all.int64(0) == Segment.place(partition) else {
                throw LogError.damaged(
                    path, partition, offset: 0, "the table partition_end does not have the partition")
            }
            return all.int64(1)
        }
    }

    /// Records a new end; in the transaction of its segments.
    func write(_ tail: Tail, place: Int64) throws {
        try update.bind(place, at: 1)
        try update.bind(tail.link.end, at: 2)
        try update.bind(tail.appendTime, at: 3)
        try update.bind(Int64(bitPattern: tail.link.checksum), at: 4)
        try update.run()
    }
}
