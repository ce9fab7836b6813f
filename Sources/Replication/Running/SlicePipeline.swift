import EventLog

/// Slices on their way into the log: prepared on threads of their own, then appended on another one.
///
/// While the log makes an append durable the next slices are prepared, and all that are ready by then go into the next
/// append together. Slices may overtake each other: a lane is in one of them at a time.
///
/// Threads: all of it belongs to one.
final class SlicePipeline {
    /// What the threads share; all of it under the monitor's lock.
    private final class Desk: @unchecked Sendable {
        let monitor = Monitor()
        var toPrepare: [[LaneRun]] = []
        var prepared: [PreparedSlice] = []
        var toAppend: [PreparedSlice] = []
        var isAppending = false
        var finished: [PreparedSlice] = []
        /// The first that trying again does not mend.
        var failure: (any Error)?
        var isClosed = false

        /// The next slice to prepare; `nil` when there will be none.
        func nextToPrepare() -> [LaneRun]? {
            monitor.withLock {
                while toPrepare.isEmpty && !isClosed { monitor.wait() }
                return isClosed ? nil : toPrepare.removeFirst()
            }
        }

        /// What is to be appended together; `nil` when there will be nothing.
        func nextToAppend() -> [PreparedSlice]? {
            monitor.withLock {
                while toAppend.isEmpty && !isClosed { monitor.wait() }
                defer { toAppend.removeAll() }
                return isClosed ? nil : toAppend
            }
        }

        func change(_ body: (Desk) -> Void) {
            monitor.withLock {
                body(self)
                monitor.wakeAll()
            }
        }

        /// Whether its owner has something to do here.
        var hasNews: Bool { failure != nil || !finished.isEmpty || (!prepared.isEmpty && !isAppending) }
    }

    private let desk = Desk()
    private var threads: [BackgroundThread] = []
    /// Slices that may wait to be prepared: enough for the threads while the owner reads or stores.
    private let mostWaiting: Int
    /// Slices given and not taken yet.
    private(set) var inHand = 0

    /// - Precondition: the system has threads to give.
    init(_ preparations: [SlicePreparation], _ appender: SliceAppender) {
        mostWaiting = 2 * preparations.count
        let desk = desk
        threads = preparations.map { preparation in
            let handed = Handed(preparation)
            return BackgroundThread { Self.prepare(handed.value, desk) }
        }
        threads.append(BackgroundThread { Self.append(appender, desk) })
    }

    deinit {
        desk.change { $0.isClosed = true }
        for thread in threads { thread.join() }
    }

    private static func prepare(_ preparation: SlicePreparation, _ desk: Desk) {
        while let runs = desk.nextToPrepare() {
            let result = Result { try preparation.prepare(runs) }
            desk.change { desk in
                switch result {
                case .success(let slice) where slice.batches.isEmpty: desk.finished.append(slice)
                case .success(let slice): desk.prepared.append(slice)
                case .failure(let error): desk.failure = desk.failure ?? error
                }
            }
        }
    }

    private static func append(_ appender: SliceAppender, _ desk: Desk) {
        while let slices = desk.nextToAppend() {
            let result = Result { try appender.append(slices) }
            desk.change { desk in
                desk.isAppending = false
                switch result {
                case .success(let slices): desk.finished += slices
                case .failure(let error): desk.failure = desk.failure ?? error
                }
            }
        }
    }

    // MARK: - The owner's side

    /// How many more slices may be given now.
    var room: Int { desk.monitor.withLock { max(0, mostWaiting - desk.toPrepare.count) } }

    func give(_ runs: [LaneRun]) {
        inHand += 1
        desk.change { $0.toPrepare.append(runs) }
    }

    /// Whether ``append()`` would begin one.
    var mayAppend: Bool { desk.monitor.withLock { !desk.prepared.isEmpty && !desk.isAppending } }

    /// Begins an append of everything that is prepared, unless one is under way.
    func append() {
        desk.change { desk in
            guard !desk.prepared.isEmpty, !desk.isAppending else { return }
            desk.isAppending = true
            swap(&desk.toAppend, &desk.prepared)
        }
    }

    /// The slices that are through: appended, or failed as their runs say.
    /// - Throws: what a preparation or an append threw; nothing is to be expected of it then.
    func take() throws -> [PreparedSlice] {
        try desk.monitor.withLock {
            if let failure = desk.failure { throw failure }
            inHand -= desk.finished.count
            defer { desk.finished.removeAll() }
            return desk.finished
        }
    }

    /// Waits until there is something to take or to append.
    func wait(untilNanos deadline: Int64) {
        desk.monitor.withLock {
            while !desk.hasNews, Monitor.nowNanos() < deadline { desk.monitor.wait(untilNanos: deadline) }
        }
    }
}
