import Glibc
import SQLite

/// The legacy store in one SQLite file.
final class SQLiteLegacyDatabase: LegacyDatabase {
    private let connection: Connection
    private var relayLock: Int32 = -1

    let lockClause = ""

    /// - Throws: `SQLiteError`; `LegacyError` with `missing`.
    init(file: String, mayCreate: Bool) throws {
        do {
            connection = try Connection(
                file, access: mayCreate ? .create : .readWrite, busyTimeoutMillis: 60_000,
                pragmas: ["journal_mode=WAL", "synchronous=FULL", "cache_size=-32000"])
        } catch let error as SQLiteError where error.isCannotOpen {
            throw LegacyError(
                .missing, "no legacy store: \(file): make one with: parley legacy init", cause: error)
        }
    }

    deinit { unlockRelay() }

    func rows(_ sql: String, _ values: [LegacyValue]) throws -> any LegacyRows {
        let statement = try connection.statement(sql)
        defer { statement.reset() }
        for (index, value) in values.enumerated() {
            switch value {
            case .int(let number): try statement.bind(number, at: index + 1)
            case .text(let text?): try statement.bind(text: text, at: index + 1)
            case .text(nil): try statement.bindNull(at: index + 1)
            }
        }
        var rows = SQLiteLegacyRows()
        while try statement.step() {
            rows.values.append(
                (0..<statement.columnCount).map { column in
                    switch statement.kind(column) {
                    case .null: .int(nil)
                    case .integer: .int(statement.int64(column))
                    default: .text(statement.bytes(column))
                    }
                })
        }
        return rows
    }

    func execute(_ script: String) throws { try connection.execute(script) }

    func transaction<Result>(_ body: () throws -> Result) throws -> Result { try connection.transaction(body) }

    func hasTable(_ name: String) throws -> Bool {
        try rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", [.text(Array(name.utf8))]).count == 1
    }

    func lockRelay() throws -> Bool {
        guard relayLock < 0 else { return false }
        let path = connection.path + ".relay"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw LegacyError(.inputOutput, "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return false
        }
        relayLock = descriptor
        return true
    }

    func unlockRelay() {
        if relayLock >= 0 { close(relayLock) }
        relayLock = -1
    }

    func legacyError(_ error: any Error) -> LegacyError? {
        (error as? SQLiteError).map { LegacyError($0) }
    }

    /// A transaction has the whole file; it waits and does not lose.
    func isConflict(_ error: any Error) -> Bool { false }
}

private struct SQLiteLegacyRows: LegacyRows {
    var values: [[LegacyValue]] = []

    var count: Int { values.count }

    func optionalInt(_ row: Int, _ column: Int) throws -> Int64? {
        guard case .int(let number) = values[row][column] else { throw Self.wrong(column) }
        return number
    }

    func int(_ row: Int, _ column: Int) throws -> Int64 {
        guard let number = try optionalInt(row, column) else { throw Self.wrong(column) }
        return number
    }

    func optionalText(_ row: Int, _ column: Int) throws -> [UInt8]? {
        switch values[row][column] {
        case .text(let text): return text
        case .int(nil): return nil
        case .int: throw Self.wrong(column)
        }
    }

    func text(_ row: Int, _ column: Int) throws -> [UInt8] {
        guard let text = try optionalText(row, column) else { throw Self.wrong(column) }
        return text
    }

    private static func wrong(_ column: Int) -> LegacyError {
        LegacyError(.store, "the legacy store: column \(column) of a row is not of its type: mend the row")
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
