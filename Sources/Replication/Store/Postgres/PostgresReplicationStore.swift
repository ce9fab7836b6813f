import Glibc
public import Postgres
public import Projection
import ViewStorage

/// The replicator's own store in a schema of PostgreSQL.
///
/// One replicator at a time, by a lease that every change checks: who takes it over raises the epoch, and a change under
/// an older one is refused. A commit survives a crash of the server. A connection that breaks is made again, waiting for
/// a server that restarts. Threads: one at a time.
public final class PostgresReplicationStore: ReplicationStore {
    let address: PostgresAddress
    private let access: ReplicationAccess
    private let owner: LeaseOwner
    let leaseMicros: Int64
    /// Of our lease; `nil` when we have none.
    private var epoch: Int64?
    private var renewedMicros: Int64 = 0
    private var open: PostgresConnection?

    /// How long a call waits for a server that restarts before it fails.
    static let outagePatienceSeconds: Int64 = 15

    /// - Parameters:
    ///   - leaseMicros: after so long without a sign of life another replicator takes over.
    ///   - owner: who this is; this process, when nobody is named.
    /// - Throws: `ReplicationError` with `busy`, `missing`, `incompatible`, `notAllowed`, `unreachable`.
    public init(
        _ address: PostgresAddress, access: ReplicationAccess, leaseMicros: Int64 = 10_000_000,
        owner: LeaseOwner? = nil
    ) throws {
        self.address = address
        self.access = access
        self.leaseMicros = leaseMicros
        self.owner = owner ?? HostProcess.owner(tag: "replicator")
        try explaining {
            let connection = try connect()
            try PostgresReplicationSchema.check(connection, access)
            open = connection
            if access == .replicate { epoch = try claim(connection) }
        }
    }

    private func connect() throws -> PostgresConnection {
        let connection = try PostgresConnection(address)
        // Every statement finds its rows by an index, and must go on doing so while a young table has no statistics.
        let settings = [
            ("search_path", PostgresReplicationSchema.name), ("jit", "off"), ("enable_seqscan", "off"),
            ("plan_cache_mode", "force_generic_plan"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"),
            ("client_min_messages", "error"),
            // Who stops in the middle of a change must not hold its locks for longer than its lease.
            ("idle_in_transaction_session_timeout", "\(max(leaseMicros / 1_000, 1_000))"),
        ]
        let calls = settings.map { "set_config('\($0.0)', '\($0.1)', false)" }.joined(separator: ", ")
        _ = try connection.query("SELECT \(calls)")
        return connection
    }

    /// The connection, made again when it broke, waiting for a server that is away.
    func connection() throws -> PostgresConnection {
        if let open, open.isUsable { return open }
        open = nil
        let deadline = ContinuousClock.now + .seconds(Self.outagePatienceSeconds)
        var pauseMillis: UInt32 = 50
        while true {
            do {
                let connection = try connect()
                open = connection
                return connection
            } catch let error as PostgresError {
                guard error.isRetriable, ContinuousClock.now < deadline else { throw error }
            }
            usleep(pauseMillis * 1_000)
            pauseMillis = min(pauseMillis * 2, 1_000)
        }
    }

    /// Runs `body`; once more when the connection turns out to be broken. For what may be done twice.
    func again<Result>(_ body: (PostgresConnection) throws -> Result) throws -> Result {
        try explaining {
            do { return try body(connection()) } catch let error as PostgresError
                where error.isConnectionGone || error.isConflict
            { return try body(connection()) }
        }
    }

    // MARK: - The lease

    /// Takes the lease when nobody has it, its time is over, or its owner is known to be dead.
    private func claim(_ connection: PostgresConnection) throws -> Int64 {
        try connection.transaction {
            let found = try connection.query(
                "SELECT owner, epoch, expires <= clock_timestamp() FROM lease FOR UPDATE")
            guard found.count == 1 else { throw damaged("lease") }
            let other = found.isNull(0, 0) ? nil : LeaseOwner(text: found.text(0, 0))
            let isFree = try found.bool(0, 2) || other.map(HostProcess.isDead) ?? true
            guard isFree else {
                throw ReplicationError(
                    .busy,
                    "another replicator works on schema \(PostgresReplicationSchema.name) at \(address): stop it "
                        + "first, or wait until its lease of \(leaseMicros / 1_000_000) s is over", isRetriable: true)
            }
            let epoch = try found.int64(0, 1) + 1
            var parameters = PostgresParameters()
            parameters.add(text: owner.text)
            parameters.add(epoch)
            parameters.add(leaseMicros)
            try connection.run([
                .init(
                    """
                    UPDATE lease SET owner = $1, epoch = $2,
                        expires = clock_timestamp() + $3 * interval '1 microsecond'
                    """, parameters)
            ])
            renewedMicros = HostProcess.microsSinceBoot()
            return epoch
        }
    }

    /// Locks the lease until the transaction ends, and renews it.
    func fence() throws -> PostgresRequest {
        guard let epoch else { throw fenced() }
        var parameters = PostgresParameters()
        parameters.add(text: owner.text)
        parameters.add(epoch)
        parameters.add(leaseMicros)
        return PostgresRequest(
            """
            UPDATE lease SET expires = clock_timestamp() + $3 * interval '1 microsecond'
            WHERE owner = $1 AND epoch = $2
            """, parameters)
    }

    /// - Parameters:
    ///   - began: when the fence was sent, of `HostProcess.microsSinceBoot()`.
    func passed(_ rows: PostgresRows, began: Int64) throws {
        guard rows.affected == 1 else { throw fenced() }
        renewedMicros = began
    }

    private func fenced() -> ReplicationError {
        ReplicationError(
            .fenced,
            "another replicator has taken schema \(PostgresReplicationSchema.name) at \(address) over: nothing "
                + "was stored; stop one of them")
    }

    public func renew() throws {
        let now = HostProcess.microsSinceBoot()
        guard now - renewedMicros > leaseMicros / 3 else { return }
        try again { connection in try passed(connection.run([fence()])[0], began: now) }
    }

    public func release() throws {
        guard let epoch else { return }
        self.epoch = nil
        var parameters = PostgresParameters()
        parameters.add(text: owner.text)
        parameters.add(epoch)
        try explaining {
            _ = try connection().run([
                .init(
                    "UPDATE lease SET owner = NULL, expires = clock_timestamp() WHERE owner = $1 AND epoch = $2",
                    parameters)
            ])
        }
    }

    public func isOwned() throws -> Bool {
        try again { connection in
            let found = try connection.query("SELECT owner, expires > clock_timestamp() FROM lease")
            guard found.count == 1 else { throw damaged("lease") }
            guard !found.isNull(0, 0), try found.bool(0, 1) else { return false }
            return !HostProcess.isDead(LeaseOwner(text: found.text(0, 0)))
        }
    }

    // MARK: - Errors

    func damaged(_ what: String) -> ReplicationError {
        ReplicationError(
            .store,
            "schema \(PostgresReplicationSchema.name) at \(address): \(what) holds what it never can: restore it")
    }

    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as PostgresError { throw explain(error) }
    }

    private func explain(_ error: PostgresError) -> ReplicationError {
        let store = "the replicator's store, schema \(PostgresReplicationSchema.name) at \(address),"
        switch error.code {
        case .configuration: return ReplicationError(.incompatible, error.message)
        case .notAllowed: return ReplicationError(.notAllowed, error.message)
        case .unreachable, .connectionLost:
            return ReplicationError(.unreachable, error.message, isRetriable: true)
        case .malformed: return ReplicationError(.store, "\(store) is damaged: restore it", cause: error)
        case .server: break
        }
        if error.isDenied {
            return ReplicationError(
                .notAllowed, "\(store) may not be used so by this role: grant it what Deploy/postgres.sql grants",
                cause: error)
        }
        if error.isMissing {
            return ReplicationError(.missing, "\(store) has not been made yet: run parley migrate", cause: error)
        }
        return ReplicationError(
            .store, "\(store) failed: nothing of this step was stored", isRetriable: error.isRetriable, cause: error)
    }
}
