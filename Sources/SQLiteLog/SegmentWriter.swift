import EventLog
import SQLite

/// Writes groups of batches, each group in one transaction.
///
/// Threads: one at a time; ``GroupCommit`` sees to that.
final class SegmentWriter {
    /// Larger segments would make a read that starts in one check too much; a record larger than this has its own.
    static let segmentBytes = 256 << 10
    /// A buffer larger than this is given back after the group.
    private static let keptBytes = 4 << 20

    private struct Plan {
        var header: SegmentHeader
        /// Where the segment lies in the buffer.
        var start = 0
        var byteCount = 0
    }

    private let file: LogFile
    private let logID: LogID
    private let counts: PartitionCounts
    private let clock: LogClock
    private let connection: Connection
    private let insert: Statement
    private let ends: PartitionEnds

    /// What is known of the partitions' ends; valid while `seenVersion` is the database's.
    private var tails: [Tail?]
    private var seenVersion: Int64 = -1
    private var plans: [Plan] = []
    private var planOfEntry: [Int] = []
    private var openPlan: [Int]
    private var buffer = UnsafeMutableRawBuffer()

    init(_ file: LogFile, logID: LogID, counts: PartitionCounts, clock: LogClock) throws {
        self.file = file
        self.logID = logID
        self.counts = counts
        self.clock = clock
        tails = Array(repeating: nil, count: counts.total)
        openPlan = Array(repeating: -1, count: counts.total)
        connection = try file.connect(cacheKiB: 8_192)
        do {
            insert = try connection.prepare(
                """
                INSERT INTO segment (place, first_offset, count, append_time, checksum, bytes)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                """)
            ends = try PartitionEnds(connection, path: file.path)
        } catch let error as SQLiteError { throw LogError(error, "open", file.path) }
        connection.takeOverCheckpoints()
    }

    /// Pages in the write-ahead log.
    var walFrames: Int { connection.walFrames }

    /// Commits all batches in one transaction and syncs.
    ///
    /// - Parameter batches: validated.
    /// - Returns: the answers, per batch and entry.
    /// - Throws: ``CommitFailure``.
    func commit(_ batches: [AppendBatch]) throws(CommitFailure) -> [[Appended]] {
        do { try connection.beginImmediate() } catch { throw failure(error, "begin an append") }
        let answers: [[Appended]]
        do {
            try refreshTails()
            answers = try layOut(batches)
            fill(batches)
            try insertSegments()
        } catch {
            forget()
            connection.rollbackTransaction()
            throw failure(error, "append")
        }
        do { try connection.commitTransaction() } catch {
            forget()
            throw failure(error, "commit an append", isCommit: true)
        }
        return answers
    }

    private func forget() { seenVersion = -1 }

    /// Another connection's commit makes what is known here old. Inside a write transaction nobody else can commit.
    private func refreshTails() throws {
        let version = try connection.dataVersion()
        guard version != seenVersion else { return }
        for index in tails.indices { tails[index] = nil }
        seenVersion = version
    }

    // MARK: Three passes: where each record goes, its bytes, the rows

    private func layOut(_ batches: [AppendBatch]) throws -> [[Appended]] {
        plans.removeAll(keepingCapacity: true)
        planOfEntry.removeAll(keepingCapacity: true)
        for index in openPlan.indices { openPlan[index] = -1 }
        let now = clock.nowMicros()
        var answers: [[Appended]] = []
        answers.reserveCapacity(batches.count)
        for batch in batches {
            var answer: [Appended] = []
            answer.reserveCapacity(batch.count)
            for entry in batch.entries { answer.append(try place(entry, now: now)) }
            answers.append(answer)
        }
        return answers
    }

    private func place(_ entry: AppendBatch.Entry, now: Int64) throws -> Appended {
        guard let index = counts.index(of: entry.partition) else { preconditionFailure("validated before") }
        let size = Segment.frameHeader + entry.keyCount + entry.valueCount
        var plan = openPlan[index]
        if plan < 0 || plans[plan].byteCount + size > SegmentWriter.segmentBytes {
            plan = try openSegment(index, entry.partition, now: now)
        }
        let answer = Appended(offset: plans[plan].header.endOffset, appendTime: plans[plan].header.appendTime)
        plans[plan].header.count += 1
        plans[plan].byteCount += size
        planOfEntry.append(plan)
        return answer
    }

    private func openSegment(_ index: Int, _ partition: TopicPartition, now: Int64) throws -> Int {
        let header: SegmentHeader
        if openPlan[index] >= 0 {
            let before = plans[openPlan[index]].header
            header = SegmentHeader(
                place: before.place, firstOffset: before.endOffset, count: 0, appendTime: before.appendTime)
        } else {
            let known = try tails[index] ?? ends.readChecked(partition)
            tails[index] = known
            header = SegmentHeader(
                place: Segment.place(partition), firstOffset: known.link.end, count: 0,
                appendTime: max(now, known.appendTime))
        }
        plans.append(Plan(header: header))
        openPlan[index] = plans.count - 1
        return plans.count - 1
    }

    private func fill(_ batches: [AppendBatch]) {
        var total = 0
        for plan in plans.indices {
            plans[plan].start = total
            total += plans[plan].byteCount
        }
        buffer.reserve(total)
        var cursors = plans.map(\.start)
        var number = 0
        for batch in batches {
            batch.bytes.withUnsafeBytes { raw in
                guard let base = raw.baseAddress else { return fillEmpty(batch, &cursors, &number) }
                for entry in batch.entries {
                    let plan = planOfEntry[number]
                    Segment.writeFrame(entry, of: base, to: buffer.base + cursors[plan])
                    cursors[plan] += Segment.frameHeader + entry.keyCount + entry.valueCount
                    number += 1
                }
            }
        }
    }

    /// A batch whose records all have neither key nor value has no memory to copy from.
    private func fillEmpty(_ batch: AppendBatch, _ cursors: inout [Int], _ number: inout Int) {
        for entry in batch.entries {
            let plan = planOfEntry[number]
            Segment.writeFrame(entry, of: UnsafeRawPointer(buffer.base), to: buffer.base + cursors[plan])
            cursors[plan] += Segment.frameHeader
            number += 1
        }
    }

    private func insertSegments() throws {
        for plan in plans {
            guard let index = counts.index(of: Segment.partition(plan.header.place)), let before = tails[index] else {
                preconditionFailure("a segment was planned without its partition's end")
            }
            precondition(before.link.end == plan.header.firstOffset, "segments of a partition follow each other")
            let bytes = UnsafeRawBufferPointer(start: buffer.base + plan.start, count: plan.byteCount)
            let checksum = Segment.checksum(plan.header, after: before.link.checksum, logID: logID, bytes)
            try insertRow(plan.header, checksum, bytes)
            tails[index] = Tail(
                link: Link(end: plan.header.endOffset, checksum: checksum), appendTime: plan.header.appendTime)
        }
        insert.clearBindings()
        for (index, plan) in openPlan.enumerated() where plan >= 0 {
            if let tail = tails[index] { try ends.write(tail, place: plans[plan].header.place) }
        }
        buffer.shrink(to: SegmentWriter.keptBytes)
    }

    private func insertRow(_ header: SegmentHeader, _ checksum: UInt64, _ bytes: UnsafeRawBufferPointer) throws {
        try insert.bind(header.place, at: 1)
        try insert.bind(header.firstOffset, at: 2)
        try insert.bind(header.count, at: 3)
        try insert.bind(header.appendTime, at: 4)
        try insert.bind(Int64(bitPattern: checksum), at: 5)
        try insert.bindBorrowed(bytes, at: 6)
        try insert.run()
    }

    // MARK: Checkpoints

    /// Moves the write-ahead log into the file.
    /// - Returns: whether everything was moved.
    /// - Throws: ``CommitFailure``; another process that checkpoints is no failure.
    func checkpoint(waiting: Bool) throws(CommitFailure) -> Bool {
        do { return try connection.checkpoint(waiting ? .restart : .passive).isComplete } catch {
            if let error = error as? SQLiteError, error.isBusy { return false }
            throw failure(error, "move the write-ahead log into the file", isCommit: true)
        }
    }

    /// - Parameter isCommit: after an I/O error of a commit or a checkpoint nobody knows what is on the disk.
    private func failure(_ error: any Error, _ work: String, isCommit: Bool = false) -> CommitFailure {
        guard let error = error as? SQLiteError else {
            let other = error as? LogError ?? LogError(.inputOutput, "cannot \(work)", cause: error)
            return CommitFailure(error: other, isFatal: false)
        }
        let isFatal = isCommit && error.isIO
        return CommitFailure(
            error: LogError(error, work, file.path, outcomeUnknown: isFatal), isFatal: isFatal)
    }
}

/// Why a group was not committed.
struct CommitFailure: Error {
    var error: LogError
    /// The disk may have lost what it was given; the process must not go on.
    var isFatal: Bool
}

/// Memory that grows and is used again.
struct UnsafeMutableRawBuffer: ~Copyable {
    private(set) var base = UnsafeMutableRawPointer.allocate(byteCount: 65_536, alignment: 16)
    private var capacity = 65_536

    /// Makes room; what was in it is lost.
    mutating func reserve(_ count: Int) {
        guard count > capacity else { return }
        base.deallocate()
        base = .allocate(byteCount: count, alignment: 16)
        capacity = count
    }

    /// Gives back what is more than `count`.
    mutating func shrink(to count: Int) {
        guard capacity > count else { return }
        base.deallocate()
        base = .allocate(byteCount: count, alignment: 16)
        capacity = count
    }

    deinit { base.deallocate() }
}
