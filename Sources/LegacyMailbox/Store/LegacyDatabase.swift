/// A value of a statement of the legacy store: what both databases have.
enum LegacyValue: Hashable, Sendable {
    case int(Int64?)
    /// UTF-8.
    case text([UInt8]?)
}

/// The little that the legacy store needs of a database; its SQL is such that SQLite and PostgreSQL take it alike, with
/// `$1`, `$2`... first used in this order.
protocol LegacyDatabase: AnyObject {
    /// What stands behind a SELECT that locks its rows for the rest of the transaction; empty where a transaction has
    /// the whole database.
    var lockClause: String { get }

    /// Runs a statement and gives its rows.
    func rows(_ sql: String, _ values: [LegacyValue]) throws -> any LegacyRows
    /// Runs several statements without parameters.
    func execute(_ script: String) throws
    /// Commits when `body` returns, rolls back when it throws.
    func transaction<Result>(_ body: () throws -> Result) throws -> Result
    /// Whether there is a table of this name.
    func hasTable(_ name: String) throws -> Bool
    /// Takes what only one relay of the store may have, until it is given back or this database is closed.
    /// - Returns: `false` when another one has it, through this connection too.
    func lockRelay() throws -> Bool
    /// Gives it back.
    func unlockRelay()
    /// This database's error in this target's terms; `nil` for any other error.
    func legacyError(_ error: any Error) -> LegacyError?
    /// The transaction lost against another one and may simply run again.
    func isConflict(_ error: any Error) -> Bool
}

/// The rows of a statement, by row and column from 0.
protocol LegacyRows {
    var count: Int { get }
    func int(_ row: Int, _ column: Int) throws -> Int64
    func optionalInt(_ row: Int, _ column: Int) throws -> Int64?
    func text(_ row: Int, _ column: Int) throws -> [UInt8]
    func optionalText(_ row: Int, _ column: Int) throws -> [UInt8]?
}

extension LegacyDatabase {
    func run(_ sql: String, _ values: [LegacyValue]) throws { _ = try rows(sql, values) }
}
