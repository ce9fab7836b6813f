public import EventLog
import SQLite

/// The legacy mailbox's database in SQLite; the schema is `Schemas/legacy.sql`.
///
/// Every commit is durable. One thread at a time; several stores, of several processes too, may be open on one file.
public final class LegacyStore {
    /// The version of `Schemas/legacy.sql`.
    static let schemaVersion: Int64 = 1

    let connection: Connection
    /// The store's clock; versions come from it and are made strict.
    let clock: LogClock

    /// Opens a store that is there.
    ///
    /// - Parameters:
    ///   - file: the database file.
    ///   - clock: for tests and the drive: one that is skewed.
    /// - Throws: `LegacyError` with `missing` or `unknown`.
    public convenience init(file: String, clock: LogClock = .system) throws {
        try self.init(file, .readWrite, clock)
        guard
            try connection.queryInt64(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'legacy_schema'") == 1
        else { throw LegacyError(.missing, "no legacy store: \(file): make one with: parley legacy init") }
        let version = try connection.queryInt64("SELECT max(version) FROM legacy_schema") ?? 0
        guard version == Self.schemaVersion else {
            throw LegacyError(.unknown, "the legacy store: \(file): has schema version \(version), not 1: upgrade")
        }
    }

    /// Makes a store, or opens the one that is there.
    /// - Throws: `LegacyError`.
    public static func create(file: String, clock: LogClock = .system) throws -> LegacyStore {
        let store = try LegacyStore(file, .create, clock)
        try store.guarded {
            try store.connection.transaction {
                try store.connection.execute(LegacySchema.sql)
                try store.connection.execute(
                    "INSERT INTO legacy_schema (version) VALUES (\(schemaVersion)) ON CONFLICT (version) DO NOTHING")
            }
        }
        return try LegacyStore(file: file, clock: clock)
    }

    private init(_ file: String, _ access: Connection.Access, _ clock: LogClock) throws {
        self.clock = clock
        do {
            connection = try Connection(
                file, access: access, busyTimeoutMillis: 60_000,
                pragmas: ["journal_mode=WAL", "synchronous=FULL", "cache_size=-32000"])
        } catch let error as SQLiteError where error.isCannotOpen {
            throw LegacyError(
                .missing, "no legacy store: \(file): make one with: parley legacy init", cause: error)
        } catch let error as SQLiteError {
            throw LegacyError(error)
        }
    }

    /// Runs work on the database and says its errors in this target's terms.
    func guarded<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as SQLiteError { throw LegacyError(error) }
    }
}

extension LegacyError {
    init(_ error: SQLiteError) {
        self.init(
            error.isBusy ? .busy : .store,
            "the legacy store: \(error.message): " + (error.isBusy ? "try again" : "check its disk and file"),
            isRetriable: error.isRetriable, cause: error)
    }
}
