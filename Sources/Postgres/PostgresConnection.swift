import CPostgres
import Glibc

/// One connection to a PostgreSQL database: prepared statements in binary, sent in pipelines.
///
/// ```swift
/// let connection = try PostgresConnection(PostgresAddress(url: "postgres:///parley"))
/// try connection.transaction {
///     try connection.run([.init("INSERT INTO t SELECT * FROM unnest($1, $2)", [ids, ords])])
/// }
/// ```
///
/// The socket is never blocked on while there is something to read, so a pipeline of any size cannot stall both ends.
/// Threads: one at a time; calls block. It is `Sendable` so that its owner can be, not because it may be shared.
public final class PostgresConnection: @unchecked Sendable {
    let handle: OpaquePointer
    public let address: PostgresAddress
    /// Names of statements prepared on this connection, by their text.
    var prepared: [String: String] = [:]

    /// Connects, waiting no longer than the address's `connect_timeout` for each host.
    /// - Throws: `PostgresError` with `unreachable`, `notAllowed` or `configuration`.
    public init(_ address: PostgresAddress) throws(PostgresError) {
        self.address = address
        guard let handle = Self.connect(address) else {
            throw PostgresError(.unreachable, "no memory for a connection to \(address)")
        }
        self.handle = handle
        // From here on deinit frees the handle, also when this throws.
        parley_pq_drop_notices(handle)
        guard PQstatus(handle) == CONNECTION_OK else { throw Self.refusal(handle, address) }
        let version = PQserverVersion(handle)
        guard version >= 140_000 else {
            throw PostgresError(
                .configuration, "\(address) is PostgreSQL \(version / 10_000): Parley needs 14 or newer")
        }
        PQsetnonblocking(handle, 1)
        PQenterPipelineMode(handle)
    }

    deinit { PQfinish(handle) }

    /// Whether the connection stands, as far as is known without asking the server.
    public var isUsable: Bool { PQstatus(handle) == CONNECTION_OK }

    /// Whether a transaction is open, failed or not.
    public var isInTransaction: Bool {
        let status = PQtransactionStatus(handle)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR || status == PQTRANS_ACTIVE
    }

    /// The server process of this connection.
    public var backend: Int32 { PQbackendPID(handle) }

    /// The server's version: 180000 for 18.0.
    public var serverVersion: Int32 { PQserverVersion(handle) }

    /// Runs statements separated by semicolons, without parameters, ignoring rows; outside of transactions each script is
    /// one of its own.
    public func execute(_ script: String) throws(PostgresError) {
        PQexitPipelineMode(handle)
        defer { PQenterPipelineMode(handle) }
        guard let result = PQexec(handle, script) else { throw lost() }
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        guard status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY else {
            throw error(of: result)
        }
    }

    /// Ends a transaction that is open without its changes. A connection that is gone has none.
    public func rollback() {
        guard isUsable, isInTransaction else { return }
        // When even this fails the connection is gone, and the transaction with it; the next statement says so.
        _ = try? run([.init("ROLLBACK")])
    }

    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws.
    /// - Parameter mode: what follows BEGIN, such as `ISOLATION LEVEL REPEATABLE READ READ ONLY`.
    public func transaction<Result>(_ mode: String = "", _ body: () throws -> Result) throws -> Result {
        do {
            try run([.init("BEGIN \(mode)")])
            let result = try body()
            try run([.init("COMMIT")])
            return result
        } catch {
            rollback()
            throw error
        }
    }

    // MARK: Connecting

    private static func connect(_ address: PostgresAddress) -> OpaquePointer? {
        let words = address.options.map { (strdup($0.keyword), strdup($0.value)) }
        defer {
            for (keyword, value) in words {
                free(keyword)
                free(value)
            }
        }
        var keywords: [UnsafePointer<CChar>?] = words.map { UnsafePointer($0.0) }
        var values: [UnsafePointer<CChar>?] = words.map { UnsafePointer($0.1) }
        keywords.append(nil)
        values.append(nil)
        return PQconnectdbParams(keywords, values, 0)
    }

    private static func refusal(_ handle: OpaquePointer, _ address: PostgresAddress) -> PostgresError {
        let text = Self.line(String(cString: PQerrorMessage(handle)))
        if PQconnectionNeedsPassword(handle) != 0 {
            return PostgresError(
                .notAllowed,
                "\(address) asks for a password: give it in PGPASSWORD, or in a file named by PGPASSFILE or ?passfile=FILE"
            )
        }
        // Before the others: a certificate's file may be what does not exist.
        if isDistrust(text) {
            return PostgresError(
                .configuration,
                "\(address): \(text): check sslmode, sslrootcert, the host's name, and that the server's certificate is "
                    + "valid today")
        }
        let refusals = [
            "authentication failed", "no pg_hba.conf entry", "is not permitted to log in", "does not exist",
        ]
        if refusals.contains(where: { text.contains($0) }) && !text.contains("No such file") {
            return PostgresError(.notAllowed, "\(address) refuses: \(text): check role, password and database")
        }
        return PostgresError(
            .unreachable, "\(address) cannot be reached: \(text): check that it runs and listens there")
    }

    /// Whether the two sides do not agree on TLS. A connection that breaks while they talk about it is something else: a
    /// server that stops or starts.
    private static func isDistrust(_ text: String) -> Bool {
        if text.contains("certificate") { return true }
        let broken = [
            "Connection refused", "SSL SYSCALL", "unexpected eof", "closed unexpectedly", "closed the connection",
        ]
        return text.contains("SSL") && !broken.contains { text.contains($0) }
    }

    /// libpq's words in one line.
    static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }.joined(separator: "; ")
    }

    // MARK: Errors

    /// The connection broke.
    func lost() -> PostgresError {
        let text = Self.line(String(cString: PQerrorMessage(handle)))
        return PostgresError(
            .connectionLost,
            "the connection to \(address) broke: \(text.isEmpty ? "no answer" : text): whether the last work was done has to be looked up"
        )
    }

    func error(of result: OpaquePointer) -> PostgresError {
        let state = parley_pq_sqlstate(result).map { String(cString: $0) }
        var text = parley_pq_message(result).map { String(cString: $0) } ?? ""
        if let constraint = parley_pq_constraint(result) { text += " (\(String(cString: constraint)))" }
        guard isUsable else {
            if text.isEmpty { text = Self.line(String(cString: PQerrorMessage(handle))) }
            return PostgresError(
                .connectionLost,
                "the connection to \(address) broke: \(text): whether the last work was done has to be looked up",
                sqlState: state)
        }
        return PostgresError(.server, "\(address): \(text)", sqlState: state)
    }
}
