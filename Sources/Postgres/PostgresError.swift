/// What PostgreSQL, or the way there, answered when it did not do what was asked.
///
/// Messages hold neither passwords nor rows: of a server's error only its primary message and the constraint are kept,
/// because the details quote values.
public struct PostgresError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// The URL, or a setting it names, makes no sense.
        case configuration
        /// No connection came about.
        case unreachable
        /// The server knows us and says no: wrong password, no right.
        case notAllowed
        /// The connection broke; whether what was sent was done is not known.
        case connectionLost
        /// The server refused a statement.
        case server
        /// A value came that never should.
        case malformed
    }

    public var code: Code
    /// The five characters of the server's own code, such as `23505`; see appendix A of its manual.
    public var sqlState: String?
    /// What happened, where, and what to do.
    public var message: String

    public init(_ code: Code, _ message: String, sqlState: String? = nil) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
    }

    /// The connection broke after something was sent: it may have been done, a commit too.
    public var isOutcomeUnknown: Bool { code == .connectionLost }
    /// The connection can be used no more.
    public var isConnectionGone: Bool { code == .connectionLost || code == .unreachable }
    /// The transaction was in another's way, and is rolled back (serialization failure or deadlock).
    public var isConflict: Bool { sqlState == "40001" || sqlState == "40P01" }
    /// A row is there already whose key must be unique.
    public var isDuplicateKey: Bool { sqlState == "23505" }
    /// A lock was not to be had in time.
    public var isLocked: Bool { sqlState == "55P03" }
    /// No space is left on the server's disk.
    public var isFull: Bool { sqlState == "53100" }
    /// A table, schema or function that is asked for is not there.
    public var isMissing: Bool { sqlState == "42P01" || sqlState == "3F000" || sqlState == "42883" }
    /// The role may not do that.
    public var isDenied: Bool { code == .notAllowed || sqlState == "42501" || sqlState == "25006" }
    /// The server's files are damaged.
    public var isCorrupt: Bool { sqlState.map { $0.hasPrefix("XX") } ?? false }
    /// Resources ran out, or the server stops or starts.
    private var isPassing: Bool {
        guard let sqlState else { return false }
        return sqlState.hasPrefix("53") || sqlState.hasPrefix("57P") || sqlState.hasPrefix("08")
            || sqlState == "57014" || sqlState == "25P03" || sqlState == "58030"
    }
    /// Trying the same again later, on a new connection if this one is gone, may succeed.
    public var isRetriable: Bool { isConnectionGone || isConflict || isLocked || isPassing }

    public var description: String { "PostgreSQL\(sqlState.map { " \($0)" } ?? ""): \(message)" }
}
