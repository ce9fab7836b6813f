import EventLog

/// Lets appends that come at the same time share one transaction and one sync.
///
/// The first caller to come leads: it takes every batch that waits, commits them together and wakes their callers. Who
/// comes meanwhile waits for the next group, which the first of them leads.
///
/// When several callers were seen lately, a leader waits a moment (at most half of what the last commit took) for those who
/// have just been answered to come back: otherwise two halves of the callers would take turns, each group half full. A
/// caller that is alone never waits.
final class GroupCommit: @unchecked Sendable {
    private final class Request: @unchecked Sendable {
        let batch: AppendBatch
        let monitor = Monitor()
        /// Set under `monitor`.
        var turn: Turn?

        init(_ batch: AppendBatch) { self.batch = batch }

        func take(_ turn: Turn) {
            monitor.withLock {
                self.turn = turn
                monitor.wakeOne()
            }
        }

        func await() -> Turn {
            monitor.withLock {
                while turn == nil { monitor.wait() }
                return turn.unsafelyUnwrapped
            }
        }
    }

    private enum Turn {
        case lead
        case answered(Result<[Appended], LogError>)
    }

    /// More would make the first caller of a group wait for the bytes of too many others.
    private static let groupRecords = 20_000
    private static let groupBytes = 8 << 20
    private static let longestGatherNanos: Int64 = 500_000
    /// Pages until a checkpoint that could not move everything is tried again.
    private static let checkpointPause = SQLiteLog.checkpointFrames / 4

    /// Called after a commit, before its callers are answered.
    private let afterCommit: @Sendable () -> Void
    private let onFatal: @Sendable (LogError) -> Void
    private let name: String

    /// Guards all that follows.
    private let monitor = Monitor()
    private var queue: [Request] = []
    private var isLed = false
    private var isClosed = false
    private var fatal: LogError?
    /// How many callers there were lately.
    private var callers = 1
    /// How many waiting callers a gathering leader wants to be woken for.
    private var gatherTarget: Int?

    // Only the leader uses these; the writer is gone after `close()`.
    private var writer: SegmentWriter?
    private var lastCommitNanos: Int64 = 0
    private var checkpointAt = SQLiteLog.checkpointFrames

    init(
        _ writer: SegmentWriter, name: String, afterCommit: @escaping @Sendable () -> Void,
        onFatal: @escaping @Sendable (LogError) -> Void
    ) {
        self.writer = writer
        self.name = name
        self.afterCommit = afterCommit
        self.onFatal = onFatal
    }

    /// - Parameter batch: validated.
    func append(_ batch: AppendBatch) throws -> [Appended] {
        if batch.isEmpty {
            try monitor.withLock { try refuseWhenEnded() }
            return []
        }
        let request = Request(batch)
        let leads = try enter(request)
        if leads { lead() }
        var turn = request.await()
        if case .lead = turn {
            request.monitor.withLock { request.turn = nil }
            lead()
            turn = request.await()
        }
        guard case .answered(let result) = turn else { preconditionFailure("a leader answers itself") }
        return try result.get()
    }

    /// - Returns: whether the caller leads.
    private func enter(_ request: Request) throws -> Bool {
        try monitor.withLock {
            try refuseWhenEnded()
            queue.append(request)
            if let target = gatherTarget, queue.count >= target { monitor.wakeAll() }
            defer { isLed = true }
            return !isLed
        }
    }

    private func refuseWhenEnded() throws {
        if let fatal { throw fatal }
        if isClosed { throw LogError.closed(name) }
    }

    // MARK: Leading

    /// Commits one group, the caller's own request in it, and hands over to the next.
    private func lead() {
        let group = gather()
        let results = commit(group)
        let callersNow = monitor.withLock { group.count + queue.count }
        for (request, result) in zip(group, results) { request.take(.answered(result)) }
        checkpointWhenDue()
        handOver(callersNow)
    }

    /// Takes the requests of one group from the queue, the first one always.
    private func gather() -> [Request] {
        monitor.withLock {
            let deadline = Monitor.nowNanos() + min(lastCommitNanos / 2, GroupCommit.longestGatherNanos)
            gatherTarget = callers
            while queue.count < callers && Monitor.nowNanos() < deadline { monitor.wait(untilNanos: deadline) }
            gatherTarget = nil
            var records = 0
            var bytes = 0
            var count = 0
            for request in queue {
                records += request.batch.count
                bytes += request.batch.bytes.count
                if count > 0 && (records > GroupCommit.groupRecords || bytes > GroupCommit.groupBytes) { break }
                count += 1
            }
            defer { queue.removeFirst(count) }
            return Array(queue[..<count])
        }
    }

    private func commit(_ group: [Request]) -> [Result<[Appended], LogError>] {
        let started = Monitor.nowNanos()
        guard let writer else { preconditionFailure("a closed log has no leader") }
        do {
            let answers = try writer.commit(group.map(\.batch))
            lastCommitNanos = Monitor.nowNanos() - started
            afterCommit()
            return answers.map { .success($0) }
        } catch {
            if error.isFatal { fail(error.error) }
            return group.map { _ in .failure(error.error) }
        }
    }

    /// The write-ahead log is moved into the file by whoever leads, after answering: readers that hold old pages make it
    /// incomplete, then the next try is some commits later.
    private func checkpointWhenDue() {
        guard let writer, writer.walFrames >= checkpointAt else { return }
        do {
            let mustWait = writer.walFrames >= 8 * SQLiteLog.checkpointFrames
            let isComplete = try writer.checkpoint(waiting: mustWait)
            checkpointAt = isComplete ? SQLiteLog.checkpointFrames : writer.walFrames + GroupCommit.checkpointPause
        } catch {
            // Without space nothing is lost: the records stay in the write-ahead log until there is.
            if error.error.code != .full { return fail(error.error) }
            checkpointAt = writer.walFrames + GroupCommit.checkpointPause
        }
    }

    private func fail(_ error: LogError) {
        monitor.withLock { fatal = error }
        onFatal(error)
    }

    private func handOver(_ callersNow: Int) {
        monitor.lock()
        callers = callersNow
        if let fatal {
            let stranded = queue
            queue = []
            isLed = false
            monitor.wakeAll()
            monitor.unlock()
            for request in stranded { request.take(.answered(.failure(fatal))) }
            return
        }
        let next = queue.first
        if next == nil {
            isLed = false
            monitor.wakeAll()
        }
        monitor.unlock()
        next?.take(.lead)
    }

    /// Refuses new appends, waits for those under way, and lets go of the file.
    func close() {
        monitor.withLock {
            isClosed = true
            while isLed { monitor.wait() }
            writer = nil
        }
    }
}
