import Glibc
public import Postgres
public import Projection

/// The PostgreSQL schema of one view: connecting, migrating, and the tables every view has (positions, leases, instances,
/// attempts, parked records). A view adds its own tables and statements.
///
/// A committed batch survives a crash of the server (`synchronous_commit` is left as the server has it: on). A connection
/// that breaks is made again by the next call.
/// Threads: as the connection: one at a time.
public final class PostgresViewDatabase {
    /// What a view's schema is made of.
    public struct Definition: Sendable {
        public var projection: ProjectionName
        /// The schema's name: lower case letters, digits and underscores.
        public var schema: String
        /// SQL scripts; the n-th brings a schema from version n - 1 to version n. Never changed once released.
        public var migrations: [String]
        /// The version this Parley works with.
        public var version: Int64 { Int64(1 + migrations.count) }
        /// Whether records of different partitions may change the same rows, so that batches must come one after another.
        public var sharesRows: Bool

        public init(projection: ProjectionName, schema: String, migrations: [String], sharesRows: Bool) {
            self.projection = projection
            self.schema = schema
            self.migrations = migrations
            self.sharesRows = sharesRows
        }
    }

    public enum Access: Sendable {
        /// Makes the schema when it is missing, and migrates it, as far as the role may.
        case project
        /// The schema must be there and of this version.
        case read
        /// As `read`, for who reads everything, for as long as that takes.
        case compare
    }

    public let address: PostgresAddress
    public let definition: Definition
    public let generations: PostgresGenerations
    /// The generation that is open.
    public let generation: Int64
    /// Whether this was opened as the active generation, which it must be whenever something is written.
    let followsActive: Bool
    /// What a loader knows is not stored; see ``BulkLoading``.
    public var novelty = BulkNovelty.unknown
    let access: Access
    private var open: PostgresConnection?
    /// From so many records on a batch is long: its statements are run as they are made, and its ids are taken for new.
    let longBatch: Int
    /// How many long batches are still to be applied without taking ids for new.
    var waryBatches = 0
    /// Names this store among those that write to the view.
    let token: [UInt8] = (0..<16).map { _ in UInt8.random(in: 0...255) }
    /// As last claimed.
    var leaseMicros: Int64 = 10_000_000

    /// How long a call waits for a server that restarts before it fails.
    static let outagePatienceSeconds: Int64 = 15
    /// Records of a long batch: a thread and a few round trips are nothing beside it.
    public static let longBatch = 4_096
    /// After an id that was not new, so many long batches look all of them up: copies seldom come alone.
    static let batchesToBeWary = 32
    /// How often a batch is tried again that was in another's way, or whose connection broke.
    static let batchRetries = 5

    /// - Parameters:
    ///   - generation: which one to open; `nil`: the active one. Once another one is active, everything that writes
    ///     throws `superseded`.
    ///   - longBatch: how many records make a batch a long one.
    /// - Throws: `ProjectionError`: `unreachable`, `notAllowed`, `incompatible`, `missing`.
    public init(
        _ address: PostgresAddress, definition: Definition, access: Access, generation: Int64? = nil,
        longBatch: Int = PostgresViewDatabase.longBatch
    ) throws {
        self.address = address
        self.longBatch = longBatch
        self.definition = definition
        self.access = access
        generations = PostgresGenerations(definition.schema)
        followsActive = generation == nil
        let connection: PostgresConnection
        do {
            connection = try PostgresConnection(address)
            self.generation = try generation ?? generations.active(connection) ?? 1
        } catch let error as PostgresError {
            throw Self.explain(error, "the \(definition.projection.rawValue) view at \(address)")
        }
        try explaining {
            try prepare(connection)
            try check(connection)
            open = connection
        }
    }

    /// The schema of the generation that is open.
    public var schema: String { generations.schema(of: generation) }

    /// The connection, made again when it broke.
    public func connection() throws -> PostgresConnection {
        if let open, open.isUsable { return open }
        open = nil
        let connection = try connect()
        open = connection
        return connection
    }

    /// The connection, waiting for a server that is away.
    func patientConnection() throws -> PostgresConnection {
        let deadline = ContinuousClock.now + .seconds(Self.outagePatienceSeconds)
        var pauseMillis: UInt32 = 50
        while true {
            do { return try connection() } catch let error as PostgresError {
                guard error.isRetriable, ContinuousClock.now < deadline else { throw error }
            }
            usleep(pauseMillis * 1_000)
            pauseMillis = min(pauseMillis * 2, 1_000)
        }
    }

    /// Runs `body` over one unchanging state of the view.
    public func read<Result>(_ body: () throws -> Result) throws -> Result {
        try explaining {
            let connection = try connection()
            do {
                try connection.run([.init("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")])
            } catch let error as PostgresError where error.isConnectionGone {
                // It broke while nobody used it; nothing is lost yet.
                return try self.connection().transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
            }
            defer { connection.rollback() }
            return try body()
        }
    }

    /// What the planner is told: every statement of a view finds its rows by an index, and must go on doing so while the
    /// statistics of a young table say nothing.
    private static let settings = [
        ("jit", "off"), ("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("enable_bitmapscan", "off"), ("enable_sort", "off"),
        ("enable_incremental_sort", "off"), ("enable_memoize", "off"), ("enable_material", "off"),
        ("bytea_output", "hex"), ("client_min_messages", "error"),
    ]

    private func connect() throws -> PostgresConnection {
        let connection = try PostgresConnection(address)
        try prepare(connection)
        return connection
    }

    private func prepare(_ connection: PostgresConnection) throws {
        if access == .project, !followsActive { try generations.actAsOwner(connection) }
        var settings = Self.settings + [("search_path", schema)]
        // A batch reads what was committed before it got its locks: a stricter default of the server would hide that.
        settings += [("default_transaction_isolation", "read committed")]
        switch access {
        case .project: settings += [("work_mem", "65536")]
        case .read: settings += [("statement_timeout", "60000"), ("idle_in_transaction_session_timeout", "60000")]
        case .compare:
            settings += [("enable_seqscan", "on"), ("enable_sort", "on"), ("cursor_tuple_fraction", "1")]
            settings += [("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0")]
        }
        let calls = settings.map { "set_config('\($0.0)', '\($0.1)', false)" }.joined(separator: ", ")
        _ = try connection.query("SELECT \(calls)")
        if case .project = access { try limitIdling(connection) }
    }

    /// A projector that stops in the middle of a batch must not hold its locks for longer than its lease.
    func limitIdling(_ connection: PostgresConnection) throws {
        var parameters = PostgresParameters()
        parameters.add(text: "\(leaseMicros / 1_000)")
        _ = try connection.query("SELECT set_config('idle_in_transaction_session_timeout', $1, false)", parameters)
    }

    /// Runs `body` with PostgreSQL's errors in the terms of a view.
    public func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as PostgresError { throw explain(error) }
    }

    func explain(_ error: PostgresError) -> ProjectionError {
        Self.explain(error, "the \(definition.projection.rawValue) view at \(address), schema \(schema),")
    }

    /// - Parameter view: what it is about, and where.
    public static func explain(_ error: PostgresError, _ view: String) -> ProjectionError {
        switch error.code {
        case .configuration: return ProjectionError(.incompatible, error.message)
        case .notAllowed: return ProjectionError(.readOnly, error.message)
        case .unreachable, .connectionLost:
            return ProjectionError(.unreachable, error.message, isRetriable: true)
        case .malformed:
            return ProjectionError(
                .corrupt, "\(view) is damaged: drop the schema and start a projector, which rebuilds it from the log",
                cause: error)
        case .server: break
        }
        if error.isFull {
            return ProjectionError(
                .full, "\(view) cannot grow, the server's disk is full: nothing of the batch was applied; make room",
                isRetriable: true, cause: error)
        }
        if error.isDenied {
            return ProjectionError(
                .readOnly, "\(view) may not be used so by this role: grant it what Deploy/postgres.sql grants",
                cause: error)
        }
        if error.isMissing {
            return ProjectionError(
                .missing, "\(view) has not been made yet: run `parley migrate`, or start a projector whose role may",
                isRetriable: true, cause: error)
        }
        if error.isRetriable {
            return ProjectionError(.busy, "\(view) is busy or restarting: try again", isRetriable: true, cause: error)
        }
        if error.isCorrupt {
            return ProjectionError(.corrupt, "\(view) is damaged: see the server's log", cause: error)
        }
        // The first line alone: the details that may follow can hold a row.
        let said = error.message.split(separator: "\n").first.map(String.init) ?? ""
        return ProjectionError(
            .refused,
            "\(view) does not take what is written: a defect of Parley, or damage; please report it with what the server "
                + "says: \(error.sqlState ?? "no code"), \(said)", cause: error)
    }
}
