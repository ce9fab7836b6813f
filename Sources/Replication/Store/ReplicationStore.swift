public import EventLog
import Glibc
public import Messaging
import SQLite

/// The replicator's own store in one SQLite file: position, lanes and parked records, changed in one transaction.
///
/// One replicator at a time, by a lock on `FILE.lock`; operators' commands read it and leave requests beside it.
/// Committed changes survive a crash of the process and of the machine. Threads: one at a time.
public final class ReplicationStore {
    public enum Access: Sendable {
        /// For the replicator: makes the file when it is missing and keeps others out.
        case replicate
        /// For operators' commands; the file must be there.
        case operate
    }

    let connection: Connection
    private var lock: Int32 = -1

    /// - Throws: `ReplicationError` with `busy`, `missing` or `store`.
    public init(_ file: String, access: Access) throws {
        if access == .operate, Glibc.access(file, F_OK) != 0 {
            throw ReplicationError(.missing, "nothing has been replicated here: \(file): run parley replicate first")
        }
        do {
            connection = try Connection(
                file, access: access == .replicate ? .create : .readWrite,
                pragmas: ["journal_mode=WAL", "synchronous=FULL"])
        } catch let error as SQLiteError { throw Self.explain(error, file) }
        if access == .replicate { try takeLock(file + ".lock") }
        do { try prepare(access) } catch let error as SQLiteError { throw Self.explain(error, file) }
    }

    deinit { if lock >= 0 { close(lock) } }

    private func takeLock(_ path: String) throws {
        lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard lock >= 0 else {
            throw ReplicationError(.store, "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw ReplicationError(.busy, "another replicator holds \(path): stop it first", isRetriable: true)
        }
    }

    private func prepare(_ access: Access) throws {
        let version = try connection.queryInt64("PRAGMA user_version") ?? 0
        let tables = try connection.queryInt64("SELECT count(*) FROM sqlite_schema") ?? 0
        let application = try connection.queryInt64("PRAGMA application_id") ?? 0
        if version == 0, tables == 0, access == .replicate {
            try connection.transaction {
                try connection.execute(ReplicationSchema.tables)
                try connection.execute("PRAGMA application_id = \(ReplicationSchema.applicationID)")
                try connection.execute("PRAGMA user_version = \(ReplicationSchema.version)")
            }
        } else if version != ReplicationSchema.version || application != ReplicationSchema.applicationID {
            throw ReplicationError(
                .store, "\(connection.path) is no replicator's store of version \(ReplicationSchema.version)")
        }
    }

    static func explain(_ error: SQLiteError, _ file: String) -> ReplicationError {
        ReplicationError(
            .store, "the replicator's store failed: \(file): nothing of this step was stored", isRetriable: true,
            cause: error)
    }

    func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as SQLiteError { throw Self.explain(error, connection.path) }
    }

    // MARK: - The scheduler's side

    /// Everything the scheduler needs after a restart.
    public func load() throws -> StoredLanes {
        try explaining {
            var stored = StoredLanes()
            let positions = try connection.statement("SELECT partition, next_offset FROM position")
            while try positions.step() {
                stored.positions[TopicPartition(.legacyWrites, Int32(positions.int64(0)))] = positions.int64(1)
            }
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

    /// Stores one consistent change, and forgets the requests that led to it.
    ///
    /// - Parameter payload: a newly parked record's key, value and append time.
    public func save(
        _ changes: LaneChanges, handled requests: [LaneRequest], payload: (Position) -> Payload?
    ) throws {
        guard !changes.isEmpty || !requests.isEmpty else { return }
        try explaining {
            try connection.transaction {
                try savePositions(changes.positions)
                for record in changes.skipped { try write(skipped: record) }
                for record in changes.parked {
                    guard let payload = payload(record.position) else {
                        preconditionFailure("\(record.position) is to be parked and nobody has its bytes")
                    }
                    try park(record, payload)
                }
                for position in changes.removed { try unpark(position) }
                for lane in changes.lanes { try write(lane) }
                for lane in changes.goneLanes { try remove(lane) }
                for request in requests { try connection.execute("DELETE FROM request WHERE id = \(request.id)") }
            }
        }
    }

    /// A parked record's bytes; `nil` when it is not parked.
    public func payload(at position: Position) throws -> Payload? {
        try explaining {
            let statement = try connection.statement(
                "SELECT record_key, record_value, append_micros FROM parked WHERE partition = ? AND record_offset = ?")
            try statement.bind(Int64(position.partition.partition), at: 1)
            try statement.bind(position.offset, at: 2)
            defer { statement.reset() }
            guard try statement.step() else { return nil }
            return Payload(key: statement.bytes(0), value: statement.bytes(1), appendMicros: statement.int64(2))
        }
    }
}

/// A record of `legacy-writes` as the log holds it.
public struct Payload: Sendable, Equatable {
    public var key: [UInt8]
    public var value: [UInt8]
    public var appendMicros: Int64

    public init(key: [UInt8], value: [UInt8], appendMicros: Int64) {
        self.key = key
        self.value = value
        self.appendMicros = appendMicros
    }
}

/// What an operator asked of a lane.
public struct LaneRequest: Sendable, Equatable {
    public var id: Int64
    public var lane: ConversationID
    public var skipsHead: Bool
}
