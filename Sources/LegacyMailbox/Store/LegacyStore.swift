public import EventLog
import Postgres
import SQLite

/// Where a legacy store is.
public enum LegacyLocation: Hashable, Sendable {
    case sqlite(file: String)
    /// A URL as libpq reads it, without a password.
    case postgres(url: String)

    /// - Parameter text: `sqlite:FILE`, `postgres://...` or just a file.
    public init(_ text: String) {
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            self = .postgres(url: text)
        } else {
            self = .sqlite(file: text.hasPrefix("sqlite:") ? String(text.dropFirst(7)) : text)
        }
    }
}

/// The legacy mailbox's database; the schema is `Schemas/legacy.sql`.
///
/// Every commit is durable. One thread at a time; several stores, of several processes too, may be open on one
/// database.
public final class LegacyStore {
    /// The version of `Schemas/legacy.sql`.
    static let schemaVersion: Int64 = 1
    /// How often a transaction that lost against another one runs again.
    private static let attempts = 20

    let database: any LegacyDatabase
    /// The store's clock; versions come from it and are made strict.
    let clock: LogClock

    /// Opens a store that is there.
    ///
    /// - Parameter clock: for tests and the load: one that is skewed.
    /// - Throws: `LegacyError` with `missing`, `unknown`, `unreachable`.
    public convenience init(_ location: LegacyLocation, clock: LogClock = .system) throws {
        try self.init(location, mayCreate: false, clock)
        guard try guarded({ try database.hasTable("legacy_schema") }) else {
            throw LegacyError(.missing, "no legacy store there: make one with: parley legacy init")
        }
        let version = try guarded { try database.rows("SELECT max(version) FROM legacy_schema", []).optionalInt(0, 0) }
        guard version == Self.schemaVersion else {
            throw LegacyError(
                .unknown, "the legacy store: has schema version \(version ?? 0), not \(Self.schemaVersion): upgrade")
        }
    }

    /// Opens a store in a SQLite file.
    public convenience init(file: String, clock: LogClock = .system) throws {
        try self.init(.sqlite(file: file), clock: clock)
    }

    /// Makes a store, or opens the one that is there.
    /// - Throws: `LegacyError`.
    public static func create(_ location: LegacyLocation, clock: LogClock = .system) throws -> LegacyStore {
        let store = try LegacyStore(location, mayCreate: true, clock)
        try store.guarded {
            try store.database.transaction {
                try store.database.execute(LegacySchema.sql)
                try store.database.execute(
                    "INSERT INTO legacy_schema (version) VALUES (\(schemaVersion)) ON CONFLICT (version) DO NOTHING")
            }
        }
        return try LegacyStore(location, clock: clock)
    }

    /// Makes or opens a store in a SQLite file.
    public static func create(file: String, clock: LogClock = .system) throws -> LegacyStore {
        try create(.sqlite(file: file), clock: clock)
    }

    private init(_ location: LegacyLocation, mayCreate: Bool, _ clock: LogClock) throws {
        self.clock = clock
        switch location {
        case .sqlite(let file):
            do { database = try SQLiteLegacyDatabase(file: file, mayCreate: mayCreate) } catch let error as SQLiteError
            {
                throw LegacyError(error)
            }
        case .postgres(let url):
            do { database = try PostgresLegacyDatabase(PostgresAddress(url: url)) } catch let error as PostgresError {
                let code: LegacyError.Code = error.isConnectionGone ? .unreachable : .configuration
                throw LegacyError(
                    code, "the legacy store: \(error.message)", isRetriable: error.isRetriable, cause: error)
            }
        }
    }

    /// Runs work on the database and says its errors in this target's terms.
    func guarded<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch { throw database.legacyError(error) ?? error }
    }

    /// A transaction, run again when it lost against another one.
    func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try guarded {
            for _ in 1..<Self.attempts {
                do { return try database.transaction(body) } catch  where database.isConflict(error) {}
            }
            return try database.transaction(body)
        }
    }
}
