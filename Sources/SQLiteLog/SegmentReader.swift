import EventLog
import SQLite

/// Reads and verifies segments over a connection of its own.
///
/// Threads: one at a time; ``ReaderPool`` sees to that.
final class SegmentReader {
    private let file: LogFile
    private let logID: LogID
    private let connection: Connection
    private let ends: PartitionEnds
    private let containing: Statement
    private let following: Statement
    /// Per place: up to where the last read of it verified, so that a reader that goes on need not look back.
    private var verified: [Int64: Link] = [:]

    init(_ file: LogFile, logID: LogID) throws {
        self.file = file
        self.logID = logID
        connection = try file.connect(cacheKiB: 2_048)
        do {
            ends = try PartitionEnds(connection, path: file.path)
            containing = try connection.prepare(
                """
                SELECT first_offset, count, checksum FROM segment
                WHERE place = ?1 AND first_offset <= ?2 ORDER BY first_offset DESC LIMIT 2
                """)
            following = try connection.prepare(
                """
                SELECT first_offset, count, append_time, checksum, bytes FROM segment
                WHERE place = ?1 AND first_offset >= ?2 ORDER BY first_offset
                """)
        } catch let error as SQLiteError { throw LogError(error, "open", file.path) }
    }

    /// Reads from `offset` on; see ``EventLog/EventLog/read(_:from:maxRecords:maxBytes:)``.
    func read(_ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int) throws -> LogBatch {
        var taker = RecordTaker(partition, from: offset, maxRecords: maxRecords, maxBytes: maxBytes)
        do {
            // The end first: what is appended meanwhile makes the segments more than it says, never fewer.
            let end = try ends.read(partition).link
            guard offset <= end.end else {
                throw LogError.offsetOutOfRange(partition, asked: offset, start: 0, end: end.end)
            }
            let place = Segment.place(partition)
            var link = try linkBefore(place, partition, offset)
            let stopped = try walk(place, partition, from: &link) { header, bytes in
                try taker.take(header, bytes, file.path)
            }
            if !stopped { try checkEnd(partition, link, end) }
            verified[place] = link
        } catch let error as SQLiteError { throw LogError(error, "read \(partition)", file.path) }
        return taker.batch
    }

    /// Verifies the last segment of a partition, where an append would go on.
    func verifyEnd(of partition: TopicPartition) throws {
        do {
            let place = Segment.place(partition)
            try connection.readTransaction {
                let end = try ends.readChecked(partition).link
                var link = try linkBefore(place, partition, .max)
                _ = try walk(place, partition, from: &link) { _, _ in true }
                try checkEnd(partition, link, end)
            }
        } catch let error as SQLiteError { throw LogError(error, "open", file.path) }
    }

    /// Verifies every segment of a partition.
    /// - Returns: how much there is.
    func verifyAll(of partition: TopicPartition) throws -> PartitionSize {
        var size = PartitionSize(partition: partition, records: 0, segments: 0, bytes: 0)
        do {
            let end = try ends.read(partition).link
            var link = Link.start
            _ = try walk(Segment.place(partition), partition, from: &link) { header, bytes in
                try RecordTaker.checkFrames(header, bytes, partition, file.path)
                size.segments += 1
                size.bytes += Int64(bytes.count)
                return true
            }
            try checkEnd(partition, link, end)
            size.records = link.end
        } catch let error as SQLiteError { throw LogError(error, "verify \(partition)", file.path) }
        return size
    }

    /// The tables' structure, as SQLite sees it: empty when all is well.
    func structuralFindings() throws -> [String] {
        do {
            let check = try connection.prepare("PRAGMA integrity_check")
            var findings: [String] = []
            while try check.step() { findings.append(check.text(0)) }
            return findings == ["ok"] ? [] : findings
        } catch let error as SQLiteError { throw LogError(error, "verify", file.path) }
    }

    // MARK: The chain

    /// What was found up to the last segment must come to what was recorded before.
    private func checkEnd(_ partition: TopicPartition, _ found: Link, _ recorded: Link) throws {
        guard found.end > recorded.end || found == recorded else {
            throw LogError.damaged(
                file.path, partition, offset: found.end, "the segments end here, and must go on to \(recorded.end)")
        }
    }

    /// The link behind which the segment with `offset` begins. When no segment has it, the link before the last one: the
    /// walk from there finds the end.
    private func linkBefore(_ place: Int64, _ partition: TopicPartition, _ offset: Int64) throws -> Link {
        if let known = verified[place], known.end == offset { return known }
        defer { containing.reset() }
        try containing.bind(place, at: 1)
        try containing.bind(offset, at: 2)
        guard try containing.step() else { return .start }
        let first = containing.int64(0)
        guard first > 0 else { return .start }
        guard try containing.step() else {
            throw LogError.damaged(file.path, partition, offset: 0, "the records before offset \(first) are missing")
        }
        let end = containing.int64(0) + containing.int64(1)
        guard end == first else {
            throw LogError.damaged(
                file.path, partition, offset: end, "a segment ends here, but the next begins at \(first)")
        }
        return Link(end: end, checksum: UInt64(bitPattern: containing.int64(2)))
    }

    /// Goes through the segments behind a link, verifying each before it is given.
    /// - Parameters:
    ///   - link: where to begin; afterwards what was verified last.
    ///   - body: answers whether to go on.
    /// - Returns: whether `body` stopped it; else there are no more segments.
    private func walk(
        _ place: Int64, _ partition: TopicPartition, from link: inout Link,
        _ body: (SegmentHeader, UnsafeRawBufferPointer) throws -> Bool
    ) throws -> Bool {
        defer { following.reset() }
        try following.bind(place, at: 1)
        try following.bind(link.end, at: 2)
        while try following.step() {
            let header = SegmentHeader(
                place: place, firstOffset: following.int64(0), count: following.int64(1), appendTime: following.int64(2)
            )
            guard header.firstOffset == link.end else {
                throw LogError.damaged(
                    file.path, partition, offset: link.end, "the next segment begins at \(header.firstOffset)")
            }
            guard header.count > 0 && header.count <= Int64.max - header.firstOffset else {
                throw LogError.damaged(file.path, partition, offset: link.end, "a segment of \(header.count) records")
            }
            let bytes = following.blob(4)
            let checksum = Segment.checksum(header, after: link.checksum, logID: logID, bytes)
            guard checksum == UInt64(bitPattern: following.int64(3)) else {
                throw LogError.damaged(
                    file.path, partition, offset: link.end,
                    "the checksum of the segment of \(header.count) records is wrong")
            }
            link = Link(end: header.endOffset, checksum: checksum)
            if try !body(header, bytes) { return true }
        }
        return false
    }
}

/// Collects the records of verified segments, within a reader's limits.
struct RecordTaker {
    var batch: LogBatch
    private let maxRecords: Int
    private let maxBytes: Int
    private var taken = 0

    init(_ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int) {
        batch = LogBatch(partition: partition, bytes: [], entries: [], nextOffset: offset)
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
    }

    /// Copies what is wanted of a segment, all of it at once.
    /// - Returns: whether more is wanted.
    mutating func take(_ header: SegmentHeader, _ bytes: UnsafeRawBufferPointer, _ path: String) throws -> Bool {
        var cursor = 0
        var copyFrom = 0
        let shift = batch.bytes.count
        for offset in header.firstOffset..<header.endOffset {
            guard let frame = Segment.frame(bytes, at: cursor) else {
                throw RecordTaker.wrongFrame(path, batch.partition, offset)
            }
            let size = frame.keyCount + frame.valueCount
            if offset < batch.nextOffset {
                cursor += Segment.frameHeader + size
                copyFrom = cursor
                continue
            }
            if batch.count >= maxRecords || (!batch.isEmpty && size > maxBytes - taken) {
                batch.bytes.append(contentsOf: bytes[copyFrom..<cursor])
                return false
            }
            batch.entries.append(
                LogBatch.Entry(
                    offset: offset, appendTime: header.appendTime,
                    start: shift + cursor - copyFrom + Segment.frameHeader, keyCount: Int32(frame.keyCount),
                    valueCount: Int32(frame.valueCount)))
            batch.nextOffset = offset + 1
            taken += size
            cursor += Segment.frameHeader + size
        }
        batch.bytes.append(contentsOf: bytes[copyFrom..<cursor])
        return batch.count < maxRecords && taken < maxBytes
    }

    /// Checks that the frames fill the segment exactly.
    static func checkFrames(
        _ header: SegmentHeader, _ bytes: UnsafeRawBufferPointer, _ partition: TopicPartition, _ path: String
    ) throws {
        var cursor = 0
        for offset in header.firstOffset..<header.endOffset {
            guard let frame = Segment.frame(bytes, at: cursor) else { throw wrongFrame(path, partition, offset) }
            cursor += Segment.frameHeader + frame.keyCount + frame.valueCount
        }
        guard cursor == bytes.count else { throw wrongFrame(path, partition, header.endOffset) }
    }

    private static func wrongFrame(_ path: String, _ partition: TopicPartition, _ offset: Int64) -> LogError {
        LogError.damaged(
            path, partition, offset: offset, "the segment's checksum is right but its records do not fit in it")
    }
}
