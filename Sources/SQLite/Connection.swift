import CSQLite

/// One connection to a SQLite database file.
///
/// Threads: a connection and its statements belong to one thread at a time; handing them to another thread needs a
/// lock or a join in between. It is `Sendable` so that its owner can be, not because it may be shared. Only
/// ``interrupt()`` may be called from any thread.
public final class Connection: @unchecked Sendable {
    let handle: OpaquePointer
    /// The file, as given.
    public let path: String
    private var kept: [String: Statement] = [:]
    private let backoff: BusyBackoff
    let walSize = WalSize()
    private let dataVersionStatement: Statement
    private let begin: Statement
    private let beginRead: Statement
    private let commit: Statement
    private let rollback: Statement

    /// Opens the file and runs the pragmas.
    ///
    /// - Parameters:
    ///   - path: the file; `:memory:` for a database of this connection alone.
    ///   - access: whether it may be written, and whether it may be made.
    ///   - busyTimeoutMillis: how long to wait for another connection's lock, in total and per statement, before `isBusy`.
    ///   - pageSize: bytes a page (512 to 65,536, a power of two) for a file that is made here; an existing file keeps its own.
    ///   - vfs: the name of a registered file layer, such as a test's faulty disk; `nil` for the system's.
    ///   - pragmas: run in order after the page size, each without the word: `"journal_mode=WAL"`.
    /// - Throws: `SQLiteError`, whose `sql` is the path when the file cannot be opened.
    public init(
        _ path: String, access: Access = .create, busyTimeoutMillis: Int = 10_000, pageSize: Int? = nil,
        vfs: String? = nil, pragmas: [String] = []
    ) throws {
        handle = try Connection.open(path, access, vfs)
        self.path = path
        backoff = BusyBackoff(timeoutMillis: busyTimeoutMillis)
        do {
            backoff.install(on: handle)
            try Connection.keepPlans(handle)
            try Connection.configure(handle, pageSize: pageSize, pragmas: pragmas, backoff: backoff)
            dataVersionStatement = try Statement("PRAGMA data_version", database: handle, isKept: true)
            begin = try Statement("BEGIN IMMEDIATE", database: handle, isKept: true)
            beginRead = try Statement("BEGIN", database: handle, isKept: true)
            commit = try Statement("COMMIT", database: handle, isKept: true)
            rollback = try Statement("ROLLBACK", database: handle, isKept: true)
        } catch {
            Connection.close(handle)
            throw error
        }
    }

    deinit { Connection.close(handle) }

    // MARK: Statements

    /// A statement prepared once per connection and text, and kept.
    ///
    /// A hot path holds the statement itself: looking it up hashes the text.
    public func statement(_ sql: String) throws -> Statement {
        if let known = kept[sql] { return known }
        let made = try prepare(sql)
        kept[sql] = made
        return made
    }

    /// A statement of the caller's own, not kept here.
    public func prepare(_ sql: String) throws -> Statement { try Statement(sql, database: handle, isKept: true) }

    /// Runs one or more statements separated by semicolons, ignoring rows.
    public func execute(_ sql: String) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code: code, database: handle, sql: sql) }
    }

    /// The first column of the first row as an integer, or `nil` when there is no row or it is null.
    public func queryInt64(_ sql: String) throws -> Int64? {
        let query = try Statement(sql, database: handle, isKept: false)
        return try query.step() ? query.optionalInt64(0) : nil
    }

    /// The first column of the first row as text, or `nil` when there is no row or it is null.
    public func queryText(_ sql: String) throws -> String? {
        let query = try Statement(sql, database: handle, isKept: false)
        return try query.step() && !query.isNull(0) ? query.text(0) : nil
    }

    // MARK: Transactions

    /// Runs `body` in a write transaction (`BEGIN IMMEDIATE`): commits when it returns, rolls back when it throws.
    ///
    /// When the commit itself fails the transaction is rolled back and the commit's error thrown; after an I/O error
    /// (`isIO`) whether it happened is unknown.
    public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try transaction(beginning: begin, body)
    }

    /// Runs `body` over one unchanging state of the database (a read transaction).
    public func readTransaction<Result>(_ body: () throws -> Result) throws -> Result {
        try transaction(beginning: beginRead, body)
    }

    /// Starts a write transaction; for callers that cannot put their work into one closure.
    public func beginImmediate() throws { try begin.run() }

    /// Commits; when that fails, rolls back and throws the commit's error.
    public func commitTransaction() throws {
        do { try commit.run() } catch {
            rollbackTransaction()
            throw error
        }
    }

    /// Ends the transaction without its changes, if one is open.
    public func rollbackTransaction() {
        guard isInTransaction else { return }
        // ROLLBACK fails only when SQLite has already rolled back by itself, which is what is wanted.
        _ = try? rollback.run()
    }

    private func transaction<Result>(beginning: Statement, _ body: () throws -> Result) throws -> Result {
        try beginning.run()
        let result: Result
        do { result = try body() } catch {
            rollbackTransaction()
            throw error
        }
        try commitTransaction()
        return result
    }

    public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    // MARK: What happened

    /// A number that changes when another connection has committed a change (`PRAGMA data_version`); a few microseconds.
    public func dataVersion() throws -> Int64 {
        defer { dataVersionStatement.reset() }
        _ = try dataVersionStatement.step()
        return dataVersionStatement.int64(0)
    }

    /// Rows changed by the last insert, update or delete.
    public var changes: Int { Int(sqlite3_changes64(handle)) }
    /// Rows changed since the connection was opened.
    public var totalChanges: Int { Int(sqlite3_total_changes64(handle)) }
    public var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// Makes what is running end with `isInterrupted`. May be called from any thread while the connection exists.
    public func interrupt() { sqlite3_interrupt(handle) }

    /// The file system lets us only read the file, although it was opened to be written.
    public var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    /// The version of the SQLite library in use, as 3,040,001 for 3.40.1.
    public static var libraryVersion: Int { Int(sqlite3_libversion_number()) }
}

extension Connection {
    /// Whether the file may be written, and whether it may be made.
    public enum Access: Sendable {
        case readOnly
        /// The file must exist.
        case readWrite
        /// The file is made when missing.
        case create
    }

    private static func open(_ path: String, _ access: Access, _ vfs: String?) throws -> OpaquePointer {
        let flags =
            switch access {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            }
        guard sqlite3_threadsafe() != 0 else {
            throw SQLiteError(
                extendedCode: SQLITE_MISUSE, message: "this SQLite library was built for one thread only", sql: path)
        }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let opened else {
            let error = SQLiteError(code: code, database: opened, sql: path)
            sqlite3_close_v2(opened)
            throw error
        }
        return opened
    }

    /// Without this SQLite (when built with STAT4, or where partial indexes are) parses a statement again whenever a
    /// value is bound that could have changed its plan: 50 to 100 microseconds for nothing.
    private static func keepPlans(_ handle: OpaquePointer) throws {
        let code = parley_sqlite3_set_flag(handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1)
        guard code == SQLITE_OK else { throw SQLiteError(code: code, database: handle, sql: "stable query plans") }
    }

    /// Statements still held by others keep the file open until they go (that is what version 2 of close does), and then
    /// they must not wait through a backoff that is gone.
    private static func close(_ handle: OpaquePointer) {
        sqlite3_busy_handler(handle, nil, nil)
        sqlite3_wal_hook(handle, nil, nil)
        sqlite3_close_v2(handle)
    }

    /// Changing the journal mode while another connection does the same answers busy without waiting: so wait here.
    private static func configure(
        _ handle: OpaquePointer, pageSize: Int?, pragmas: [String], backoff: BusyBackoff
    ) throws {
        for pragma in (pageSize.map { ["page_size=\($0)"] } ?? []) + pragmas {
            var attempt: Int32 = 0
            while true {
                let code = sqlite3_exec(handle, "PRAGMA \(pragma)", nil, nil, nil)
                if code == SQLITE_OK { break }
                let error = SQLiteError(code: code, database: handle, sql: "PRAGMA \(pragma)")
                guard error.isBusy && backoff.waits(attempt: attempt) else { throw error }
                attempt += 1
            }
        }
    }
}
