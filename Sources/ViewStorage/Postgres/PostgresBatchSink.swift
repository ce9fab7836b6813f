import EventLog
public import Postgres

/// Where the statements of a batch go as they are made.
///
/// Those of a long batch are run at once on a thread of their own, so that the server works while the rest are made. Those
/// of a short one wait for the commit, to share its round trip. Threads: one at a time.
public final class PostgresBatchSink {
    /// What the two threads share, under the monitor's lock.
    private final class Desk: @unchecked Sendable {
        private let monitor = Monitor()
        private var waiting: [PostgresRequest] = []
        private var isClosed = false

        func add(_ request: PostgresRequest) {
            monitor.withLock {
                waiting.append(request)
                monitor.wakeAll()
            }
        }

        func close() {
            monitor.withLock {
                isClosed = true
                monitor.wakeAll()
            }
        }

        /// All that wait; none once there will be no more.
        func next() -> [PostgresRequest] {
            monitor.withLock {
                while waiting.isEmpty && !isClosed { monitor.wait() }
                defer { waiting.removeAll() }
                return waiting
            }
        }
    }

    private let desk = Desk()
    private var running: BackgroundWork<Void>?
    private var kept: [PostgresRequest] = []

    /// - Parameter isLong: whether to run the statements at once.
    init(_ connection: PostgresConnection, isLong: Bool) {
        guard isLong else { return }
        let desk = desk
        running = BackgroundWork {
            while true {
                let requests = desk.next()
                guard !requests.isEmpty else { return }
                try connection.run(requests)
            }
        }
    }

    deinit { desk.close() }

    /// Takes a statement, to be run behind those before it. Its parameters must stay as they are until the batch has ended,
    /// and from the first statement on nobody else may use the connection.
    public func add(_ request: PostgresRequest) {
        if running == nil { kept.append(request) } else { desk.add(request) }
    }

    /// Waits for what is running; to be called before the connection is used again.
    /// - Returns: the statements that are still to be run.
    /// - Throws: what the first that failed threw; those behind it are not run.
    func finish() throws -> [PostgresRequest] {
        desk.close()
        defer { running = nil }
        try running?.wait()
        return kept
    }
}
