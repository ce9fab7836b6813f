public import EventLog
import Glibc
import Messaging
import SQLite

/// The replicator's own store in one SQLite file.
///
/// One replicator at a time, by a lock on `FILE.lock`; operators' commands read it and leave requests beside it.
/// Committed changes survive a crash of the process and of the machine. Threads: one at a time.
public final class SQLiteReplicationStore: ReplicationStore {
    let connection: Connection
    private var lock: Int32 = -1
    private let lockPath: String

    /// - Throws: `ReplicationError` with `busy`, `missing`, `incompatible` or `store`.
    public init(_ file: String, access: ReplicationAccess) throws {
        lockPath = file + ".lock"
        if access == .operate, Glibc.access(file, F_OK) != 0 {
            throw ReplicationError(.missing, "nothing has been replicated here: \(file): run parley replicate first")
        }
        do {
            connection = try Connection(
                file, access: access == .operate ? .readWrite : .create,
                pragmas: ["journal_mode=WAL", "synchronous=FULL"])
        } catch let error as SQLiteError { throw Self.explain(error, file) }
        if access != .operate { try takeLock() }
        do { try prepare(access) } catch let error as SQLiteError { throw Self.explain(error, file) }
    }

    deinit { if lock >= 0 { close(lock) } }

    private func openLock() throws -> Int32 {
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw ReplicationError(.store, "cannot make \(lockPath): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    private func takeLock() throws {
        lock = try openLock()
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw ReplicationError(.busy, "another replicator holds \(lockPath): stop it first", isRetriable: true)
        }
    }

    private func prepare(_ access: ReplicationAccess) throws {
        let version = try connection.queryInt64("PRAGMA user_version") ?? 0
        let tables = try connection.queryInt64("SELECT count(*) FROM sqlite_schema") ?? 0
        let application = try connection.queryInt64("PRAGMA application_id") ?? 0
        let isOurs = application == SQLiteReplicationSchema.applicationID || version == 0 && tables == 0
        guard isOurs, version <= SQLiteReplicationSchema.version else {
            throw ReplicationError(
                .incompatible, "\(connection.path) is no replicator's store that this Parley knows: give another file")
        }
        guard version < SQLiteReplicationSchema.version else { return }
        guard access != .operate else {
            throw ReplicationError(
                .incompatible, "\(connection.path) is of version \(version): run parley migrate", isRetriable: true)
        }
        try connection.transaction {
            for migration in SQLiteReplicationSchema.migrations.dropFirst(Int(version)) {
                try connection.execute(migration)
            }
            try connection.execute("PRAGMA application_id = \(SQLiteReplicationSchema.applicationID)")
            try connection.execute("PRAGMA user_version = \(SQLiteReplicationSchema.version)")
        }
    }

    static func explain(_ error: SQLiteError, _ file: String) -> ReplicationError {
        ReplicationError(
            .store, "the replicator's store failed: \(file): nothing of this step was stored",
            isRetriable: error.isBusy || error.isFull, cause: error)
    }

    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as SQLiteError { throw Self.explain(error, connection.path) }
    }

    // MARK: - The replicator's side

    public func load() throws -> StoredLanes {
        try explaining {
            var stored = StoredLanes()
            stored.positions = try positions()
            stored.lanes = try lanes()
            let parked = try connection.statement(
                "SELECT lane, partition, record_offset FROM parked ORDER BY lane, partition, record_offset")
            while try parked.step() {
                stored.parked.append(LaneRecord(lane: parked.conversation(0), position: parked.position(1)))
            }
            let skipped = try connection.statement("SELECT partition, record_offset FROM skipped")
            while try skipped.step() { stored.skipped.insert(skipped.position(0)) }
            return stored
        }
    }

    public func save(_ step: ReplicationStep, payload: (Position) -> Payload?) throws {
        guard !step.isEmpty else { return }
        let changes = step.changes
        try explaining {
            try connection.transaction {
                try savePositions(changes.positions)
                for record in changes.skipped { try write(skipped: record) }
                for record in changes.parked { try park(record, payloadInHand(record, payload)) }
                for record in changes.removed { try unpark(record) }
                for lane in changes.lanes { try write(lane) }
                for lane in changes.goneLanes { try remove(lane) }
                for request in step.handled { try remove(request) }
                for (name, count) in step.counts { try add(count, to: name) }
                if let standing = step.standing { try write(standing) }
            }
        }
    }

    public func payloads(of records: [LaneRecord]) throws -> [Payload] {
        try explaining {
            let statement = try connection.statement(
                """
                SELECT record_key, record_value, append_micros FROM parked
                WHERE lane = ? AND partition = ? AND record_offset = ?
                """)
            return try connection.readTransaction {
                try records.map { record in
                    try statement.bind(record, at: 1)
                    defer { statement.reset() }
                    guard try statement.step() else { throw ReplicationError.isNotParked(record) }
                    return Payload(
                        key: statement.bytes(0), value: statement.bytes(1), appendMicros: statement.int64(2))
                }
            }
        }
    }

    /// The lock is the kernel's: while this process lives it is held.
    public func renew() throws {}

    public func release() throws {
        guard lock >= 0 else { return }
        close(lock)
        lock = -1
    }

    public func isOwned() throws -> Bool {
        if lock >= 0 { return true }
        let other = try openLock()
        defer { close(other) }
        return flock(other, LOCK_EX | LOCK_NB) != 0
    }
}

/// Who opens a replicator's store.
public enum ReplicationAccess: Sendable {
    /// The replicator: makes what is missing and keeps other replicators out.
    case replicate
    /// `parley migrate`: makes or migrates the store, while no replicator works on it.
    case migrate
    /// Operators' commands; the store must be there.
    case operate
}

extension ReplicationError {
    static func isNotParked(_ record: LaneRecord) -> ReplicationError {
        ReplicationError(
            .store, "the parked record \(record.position) is missing in the replicator's store: restore it")
    }
}

/// - Precondition: a record that is to be parked was read in this run, so its bytes are in hand.
func payloadInHand(_ record: LaneRecord, _ payload: (Position) -> Payload?) -> Payload {
    guard let payload = payload(record.position) else {
        preconditionFailure("\(record.position) is to be parked and nobody has its bytes")
    }
    return payload
}
