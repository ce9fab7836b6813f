import CSQLite

/// A prepared statement.
///
/// Bind, `step()` until it answers `false`, read columns after each `true`, then `reset()`. Parameters count from 1 and
/// columns from 0, as in SQLite. Bindings stay after `reset()`.
///
/// Threads: the rule of its ``Connection``: one thread at a time.
public final class Statement: @unchecked Sendable {
    let handle: OpaquePointer
    /// The text it was prepared from.
    public let sql: String
    /// How many parameters it takes.
    public let parameterCount: Int
    /// Where 16-byte values live while bound, so that binding one allocates nothing: one place a parameter.
    private let identifiers: UnsafeMutablePointer<(UInt64, UInt64)>

    init(_ sql: String, database: OpaquePointer, isKept: Bool) throws {
        var prepared: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let code = sqlite3_prepare_v3(database, sql, -1, flags, &prepared, nil)
        guard code == SQLITE_OK else { throw SQLiteError(code: code, database: database, sql: sql) }
        guard let prepared else {
            throw SQLiteError(extendedCode: SQLITE_MISUSE, message: "there is no statement in the text", sql: sql)
        }
        handle = prepared
        self.sql = sql
        parameterCount = Int(sqlite3_bind_parameter_count(prepared))
        identifiers = .allocate(capacity: max(1, parameterCount))
        identifiers.initialize(repeating: (0, 0), count: max(1, parameterCount))
    }

    deinit {
        sqlite3_finalize(handle)
        identifiers.deallocate()
    }

    // MARK: Running

    /// Goes on to the next row.
    /// - Returns: `true` when there is a row to read, `false` when the statement has ended.
    /// - Throws: `SQLiteError`; the statement is reset then.
    public func step() throws -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        let error = SQLiteError(code: code, database: sqlite3_db_handle(handle), sql: sql)
        sqlite3_reset(handle)
        throw error
    }

    /// Runs the statement to its end, ignoring rows, and resets it.
    public func run() throws {
        while try step() {}
        reset()
    }

    /// Makes the statement ready to run again and ends its hold on the database. Its errors were thrown by `step()`.
    public func reset() { sqlite3_reset(handle) }

    /// Sets every parameter to null, so that nothing borrowed stays bound.
    public func clearBindings() { sqlite3_clear_bindings(handle) }

    // MARK: Parameters, from 1

    public func bind(_ value: Int64, at index: Int) throws {
        try check(sqlite3_bind_int64(handle, Int32(index), value))
    }

    public func bind(_ value: Double, at index: Int) throws {
        try check(sqlite3_bind_double(handle, Int32(index), value))
    }

    public func bindNull(at index: Int) throws { try check(sqlite3_bind_null(handle, Int32(index))) }

    public func bind(_ value: Int64?, at index: Int) throws {
        if let value { try bind(value, at: index) } else { try bindNull(at: index) }
    }

    /// Binds a blob; the bytes are copied.
    public func bind(_ bytes: [UInt8], at index: Int) throws {
        try bytes.withUnsafeBytes { try bind($0, at: index) }
    }

    public func bind(_ bytes: [UInt8]?, at index: Int) throws {
        if let bytes { try bind(bytes, at: index) } else { try bindNull(at: index) }
    }

    /// Binds a blob; the bytes are copied.
    public func bind(_ bytes: UnsafeRawBufferPointer, at index: Int) throws {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return try bindEmpty(at: index) }
        try check(parley_sqlite3_bind_blob_copied(handle, Int32(index), base, UInt64(bytes.count)))
    }

    /// Binds a blob without copying it.
    /// - Precondition: the memory stays valid and unchanged until the parameter is bound again or the bindings cleared.
    public func bindBorrowed(_ bytes: UnsafeRawBufferPointer, at index: Int) throws {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return try bindEmpty(at: index) }
        try check(parley_sqlite3_bind_blob_borrowed(handle, Int32(index), base, UInt64(bytes.count)))
    }

    /// Binds a 16-byte blob (an identifier) without allocating: `high` holds bytes 0 to 7, most significant first.
    public func bind(high: UInt64, low: UInt64, at index: Int) throws {
        guard index >= 1 && index <= parameterCount else { return try check(SQLITE_RANGE) }
        let place = identifiers + (index - 1)
        place.pointee = (high.bigEndian, low.bigEndian)
        try check(parley_sqlite3_bind_blob_borrowed(handle, Int32(index), place, 16))
    }

    /// Binds text given as UTF-8 bytes; they are copied.
    public func bind(text: [UInt8], at index: Int) throws {
        try text.withUnsafeBytes { raw in
            // A null pointer would bind null, not the empty text.
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            if let base, raw.count > 0 {
                try check(parley_sqlite3_bind_text_copied(handle, Int32(index), base, UInt64(raw.count)))
            } else {
                try check(parley_sqlite3_bind_text_copied(handle, Int32(index), "", 0))
            }
        }
    }

    public func bind(text: String, at index: Int) throws { try bind(text: Array(text.utf8), at: index) }

    private func bindEmpty(at index: Int) throws { try check(sqlite3_bind_zeroblob(handle, Int32(index), 0)) }

    private func check(_ code: Int32) throws {
        guard code == SQLITE_OK else { throw SQLiteError(code: code, database: sqlite3_db_handle(handle), sql: sql) }
    }

    // MARK: Columns, from 0, after `step()` answered `true`

    /// How many columns a row has.
    public var columnCount: Int { Int(sqlite3_column_count(handle)) }

    /// The name of a column, as the statement says it.
    public func name(_ column: Int) -> String {
        sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? ""
    }

    /// What SQLite holds in a column of the row at hand.
    public enum Kind: Sendable {
        case integer
        case real
        case text
        case blob
        case null
    }

    public func kind(_ column: Int) -> Kind {
        switch sqlite3_column_type(handle, Int32(column)) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    /// The column as an integer; null is 0.
    public func int64(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

    public func optionalInt64(_ column: Int) -> Int64? { isNull(column) ? nil : int64(column) }

    public func double(_ column: Int) -> Double { sqlite3_column_double(handle, Int32(column)) }

    /// The column's bytes in place; null is empty.
    ///
    /// Valid until the next `step()`, `reset()` or another read of the same column with another type.
    public func blob(_ column: Int) -> UnsafeRawBufferPointer {
        let base = sqlite3_column_blob(handle, Int32(column))
        return UnsafeRawBufferPointer(
            start: base, count: base == nil ? 0 : Int(sqlite3_column_bytes(handle, Int32(column))))
    }

    /// A copy of the column's bytes (of a blob, or of text as UTF-8); null is empty.
    public func bytes(_ column: Int) -> [UInt8] { Array(blob(column)) }

    public func optionalBytes(_ column: Int) -> [UInt8]? { isNull(column) ? nil : bytes(column) }

    /// A 16-byte column as two words, bytes 0 to 7 first; `nil` when it does not hold exactly 16 bytes.
    public func identifier(_ column: Int) -> (high: UInt64, low: UInt64)? {
        let raw = blob(column)
        guard raw.count == 16 else { return nil }
        return (
            UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    /// The column as text for messages and settings; bytes that are not UTF-8 are repaired. User text: use ``bytes(_:)``.
    public func text(_ column: Int) -> String { String(decoding: blob(column), as: UTF8.self) }
}
