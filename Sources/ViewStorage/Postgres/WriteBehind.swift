import EventLog
import Postgres

/// Runs statements on a connection from a thread of its own, while its owner prepares the next ones.
///
/// Until ``finish()`` has returned, nobody else may use the connection. Threads: one at a time.
final class WriteBehind {
    private let connection: PostgresConnection
    private var running: BackgroundWork<Void>?

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// Begins to run statements, once those before are through. Their parameters must stay as they are until then.
    /// - Throws: what those before threw; these are not run then.
    func start(_ requests: [PostgresRequest]) throws {
        try finish()
        let connection = connection
        running = BackgroundWork { try connection.run(requests) }
    }

    /// Waits for what is running.
    /// - Throws: what it threw, once.
    func finish() throws {
        defer { running = nil }
        try running?.wait()
    }
}
