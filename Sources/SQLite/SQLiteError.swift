import CSQLite

/// What SQLite answered when it did not do what was asked.
public struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The extended result code, such as 2067 for a broken `UNIQUE` constraint; see <https://sqlite.org/rescode.html>.
    public var extendedCode: Int32
    /// What happened, where, and what to do.
    public var message: String
    /// The statement that failed, or the file when none was running.
    public var sql: String

    public init(extendedCode: Int32, message: String, sql: String) {
        self.extendedCode = extendedCode
        self.message = message
        self.sql = sql
    }

    /// The primary result code: the low byte of the extended one.
    public var code: Int32 { extendedCode & 0xff }
    /// Another connection holds the lock.
    public var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }
    /// The disk, or the page limit of the file, is full. The transaction is rolled back; the file stays usable.
    public var isFull: Bool { code == SQLITE_FULL }
    /// The system failed to read, write or sync.
    public var isIO: Bool { code == SQLITE_IOERR }
    /// The file is damaged or is not a database.
    public var isCorrupt: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
    /// The file is shorter than it says it is.
    public var isCutOff: Bool { extendedCode == SQLITE_IOERR | 2 << 8 }  // SQLITE_IOERR_SHORT_READ
    /// The file or its directory cannot be written.
    public var isReadOnly: Bool { code == SQLITE_READONLY || code == SQLITE_PERM }
    /// The file cannot be opened: it, or its directory, is not there, or may not be used.
    public var isCannotOpen: Bool { code == SQLITE_CANTOPEN }
    /// A constraint (`UNIQUE`, `CHECK`, `NOT NULL`, foreign key) forbids the row.
    public var isConstraint: Bool { code == SQLITE_CONSTRAINT }
    /// `Connection.interrupt()` stopped the statement.
    public var isInterrupted: Bool { code == SQLITE_INTERRUPT }
    /// Trying the same again later may succeed.
    public var isRetriable: Bool { isBusy || isInterrupted }

    public var description: String { "SQLite \(extendedCode): \(message) [\(sql)]" }
}

extension SQLiteError {
    /// A value was found that whoever wrote the file never writes.
    public static func corrupt(_ message: String, sql: String) -> SQLiteError {
        SQLiteError(extendedCode: SQLITE_CORRUPT, message: message, sql: sql)
    }

    /// Describes the last error of a connection.
    init(code: Int32, database: OpaquePointer?, sql: String) {
        guard let database else {
            self.init(extendedCode: code, message: String(cString: sqlite3_errstr(code)), sql: sql)
            return
        }
        let extended = sqlite3_extended_errcode(database)
        // A misuse leaves the connection's last error as it was; then the code given is the truth.
        let matches = extended & 0xff == code & 0xff
        let text = matches ? String(cString: sqlite3_errmsg(database)) : String(cString: sqlite3_errstr(code))
        self.init(extendedCode: matches ? extended : code, message: text, sql: sql)
    }
}
