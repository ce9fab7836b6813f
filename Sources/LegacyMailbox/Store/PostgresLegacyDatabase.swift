import Postgres

/// The legacy store in a PostgreSQL database.
///
/// Whoever changes a thread locks its row of `thread_clock` first, so writers of other threads do not wait.
final class PostgresLegacyDatabase: LegacyDatabase {
    private let connection: PostgresConnection
    private var holdsRelayLock = false

    let lockClause = " FOR UPDATE"
    /// Of `pg_try_advisory_lock`: "parleyRe" as a number.
    private static let relayLock: Int64 = 0x7061_726c_6579_5265

    /// - Throws: `PostgresError`.
    init(_ address: PostgresAddress) throws { connection = try PostgresConnection(address) }

    func rows(_ sql: String, _ values: [LegacyValue]) throws -> any LegacyRows {
        var parameters = PostgresParameters()
        for value in values {
            switch value {
            case .int(let number): parameters.add(number)
            case .text(let text): parameters.add(text: text.map { String(decoding: $0, as: UTF8.self) })
            }
        }
        return PostgresLegacyRows(rows: try connection.query(sql, parameters))
    }

    func execute(_ script: String) throws { try connection.execute(script) }

    func transaction<Result>(_ body: () throws -> Result) throws -> Result { try connection.transaction("", body) }

    func hasTable(_ name: String) throws -> Bool {
        try rows("SELECT 1 WHERE to_regclass($1) IS NOT NULL", [.text(Array(name.utf8))]).count == 1
    }

    func lockRelay() throws -> Bool {
        guard !holdsRelayLock else { return false }
        holdsRelayLock = try connection.query("SELECT pg_try_advisory_lock(\(Self.relayLock))").bool(0, 0)
        return holdsRelayLock
    }

    func unlockRelay() {
        guard holdsRelayLock else { return }
        holdsRelayLock = false
        // When this fails the session is gone, and its locks with it.
        _ = try? connection.query("SELECT pg_advisory_unlock(\(Self.relayLock))")
    }

    func legacyError(_ error: any Error) -> LegacyError? {
        guard let error = error as? PostgresError else { return nil }
        let code: LegacyError.Code =
            error.isConnectionGone ? .unreachable : error.code == .configuration ? .configuration : .store
        return LegacyError(code, "the legacy store: \(error.message)", isRetriable: error.isRetriable, cause: error)
    }

    func isConflict(_ error: any Error) -> Bool { (error as? PostgresError)?.isConflict ?? false }
}

private struct PostgresLegacyRows: LegacyRows {
    let rows: PostgresRows

    var count: Int { rows.count }
    func int(_ row: Int, _ column: Int) throws -> Int64 { try rows.int64(row, column) }
    func optionalInt(_ row: Int, _ column: Int) throws -> Int64? { try rows.optionalInt64(row, column) }
    func text(_ row: Int, _ column: Int) throws -> [UInt8] { rows.bytes(row, column) }
    func optionalText(_ row: Int, _ column: Int) throws -> [UInt8]? { rows.optionalBytes(row, column) }
}
