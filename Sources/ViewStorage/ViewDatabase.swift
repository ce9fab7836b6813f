public import Projection
public import SQLite

/// The SQLite file of one view: opening, migrating, and the tables every view has (positions, leases, attempts, parked
/// records). A view adds its own tables and statements.
///
/// Committed batches survive a crash of the process; after a power cut the file may be a few batches behind, with
/// positions and rows in step (`synchronous=NORMAL` in WAL mode), and the projector goes on from there.
/// Threads: as the connection: one at a time.
public final class ViewDatabase {
    /// What a view's file is made of.
    public struct Definition: Sendable {
        public var projection: ProjectionName
        /// Recognises the file as this view's: `application_id` of SQLite's header.
        public var applicationID: Int32
        /// SQL scripts; the n-th brings a file from version n - 1 to version n. Never changed once released.
        public var migrations: [String]
        /// The version this Parley works with.
        public var version: Int64 { Int64(1 + migrations.count) }

        public init(projection: ProjectionName, applicationID: Int32, migrations: [String]) {
            self.projection = projection
            self.applicationID = applicationID
            self.migrations = migrations
        }
    }

    public enum Access: Sendable {
        /// Makes the file when it is missing and migrates it.
        case project
        /// The file must be there and of this version.
        case read
    }

    public let connection: Connection
    /// The file of the generation.
    public let path: String
    public let definition: Definition
    public let generations: SQLiteGenerations
    /// The generation that is open.
    public let generation: Int64
    /// Whether this was opened as the active generation, which it must be whenever something is written.
    let followsActive: Bool
    let seen: DataVersion
    /// What a loader knows is not stored; see ``BulkLoading``.
    public var novelty = BulkNovelty.unknown

    /// - Parameters:
    ///   - path: of the view, which is the file of generation 1.
    ///   - generation: which one to open; `nil`: the active one. Once another one is active, every write throws
    ///     `superseded`.
    /// - Throws: `ProjectionError` with what to do: `corrupt`, `incompatible`, `cannotOpen`, `readOnly`, `inputOutput`.
    public init(_ path: String, definition: Definition, access: Access, generation: Int64? = nil) throws {
        generations = SQLiteGenerations(path)
        followsActive = generation == nil
        self.generation = try generation ?? generations.active()
        let path = generations.file(of: self.generation)
        self.path = path
        self.definition = definition
        do {
            connection = try Connection(
                path, access: access == .project ? .create : .readWrite, pageSize: 8192,
                pragmas: [
                    "journal_mode=WAL", "synchronous=NORMAL", "cache_size=-131072", "temp_store=MEMORY",
                    "wal_autocheckpoint=8000",
                ])
            seen = DataVersion()
            try check(access)
        } catch let error as SQLiteError {
            throw ViewDatabase.explain(error, path: path, projection: definition.projection)
        }
    }

    /// Runs `body` in a write transaction, with SQLite's errors in the terms of a view.
    public func write<Result>(_ body: () throws -> Result) throws -> Result {
        try explaining {
            try connection.transaction {
                try checkGeneration()
                return try body()
            }
        }
    }

    /// Whether this is the generation that readers and projectors use.
    public func isActive() throws -> Bool { try generations.active() == generation }

    private func checkGeneration() throws {
        guard followsActive, try !isActive() else { return }
        throw ProjectionError(
            .superseded,
            "generation \(generation) of the \(definition.projection.rawValue) view in \(path) is not the active one any "
                + "more: nothing was written; open the view again", isRetriable: true)
    }

    /// Runs `body` over one unchanging state of the view.
    public func read<Result>(_ body: () throws -> Result) throws -> Result {
        try explaining { try connection.readTransaction(body) }
    }

    /// Whether another connection has committed since the last time this was asked: what was read before may be stale.
    public func changedByOthers() throws -> Bool { try seen.changed(connection.dataVersion()) }

    /// Runs `body` with SQLite's errors in the terms of a view.
    public func explaining<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as SQLiteError { throw explain(error) }
    }

    func explain(_ error: SQLiteError) -> ProjectionError {
        ViewDatabase.explain(error, path: path, projection: definition.projection)
    }

    static func explain(_ error: SQLiteError, path: String, projection: ProjectionName) -> ProjectionError {
        let view = "the \(projection.rawValue) view in \(path)"
        if error.isCorrupt {
            return ProjectionError(
                .corrupt,
                "\(view) is damaged: move the file away (with its -wal and -shm) and run `parley project "
                    + "\(projection.rawValue) --once`, which rebuilds it from the log", cause: error)
        }
        if error.isFull {
            return ProjectionError(
                .full,
                "\(view) cannot grow, no space is left: nothing of the batch was applied; make room and start again",
                isRetriable: true, cause: error)
        }
        if error.isReadOnly {
            return ProjectionError(.readOnly, "\(view) may not be written: check its permissions", cause: error)
        }
        if error.isCannotOpen {
            return ProjectionError(
                .cannotOpen, "\(view) cannot be opened: check that it exists and may be read", cause: error)
        }
        if error.isBusy {
            return ProjectionError(
                .busy, "\(view) is held by another process: try again", isRetriable: true, cause: error)
        }
        if error.isIO {
            return ProjectionError(.inputOutput, "\(view) could not be read or written: check the disk", cause: error)
        }
        return ProjectionError(
            .refused, "\(view) does not take what is written: a defect of Parley, or damage; please report it",
            cause: error)
    }

    private func check(_ access: Access) throws {
        let found = try connection.queryInt64("PRAGMA application_id") ?? 0
        let version = try connection.queryInt64("PRAGMA user_version") ?? 0
        let target = definition.version
        let isNew = try found == 0 && version == 0 && connection.queryInt64("SELECT count(*) FROM sqlite_schema") == 0
        guard isNew || found == Int64(definition.applicationID) else {
            throw ProjectionError(
                .incompatible,
                "\(path) is not a \(definition.projection.rawValue) view: give the right file, or another name")
        }
        guard version <= target else {
            throw ProjectionError(
                .incompatible,
                "\(path) was made by a newer Parley (view version \(version), this one knows \(target)): use that one")
        }
        if version == target { return }
        guard access == .project else {
            if isNew {
                throw ProjectionError(
                    .missing, "\(path) is empty, no projector has made the view yet: start one", isRetriable: true)
            }
            throw ProjectionError(
                .incompatible,
                "\(path) has view version \(version), this Parley needs \(target): start a projector, which migrates it",
                isRetriable: true)
        }
        try connection.transaction {
            try checkGeneration()
            // Another process may have migrated while this one waited for the lock.
            var current = try connection.queryInt64("PRAGMA user_version") ?? 0
            while current < target {
                try connection.execute(current == 0 ? Self.commonTables : definition.migrations[Int(current) - 1])
                current += 1
            }
            try connection.execute("PRAGMA application_id = \(definition.applicationID)")
            try connection.execute("PRAGMA user_version = \(target)")
        }
    }

    private static let commonTables = """
        CREATE TABLE position (
            topic INTEGER NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
            PRIMARY KEY (topic, partition)) WITHOUT ROWID;
        CREATE TABLE lease (
            topic INTEGER NOT NULL, partition INTEGER NOT NULL, owner TEXT, epoch INTEGER NOT NULL,
            boot TEXT NOT NULL, expires INTEGER NOT NULL,
            PRIMARY KEY (topic, partition)) WITHOUT ROWID;
        CREATE TABLE attempt (
            topic INTEGER NOT NULL, partition INTEGER NOT NULL, from_offset INTEGER NOT NULL,
            until_offset INTEGER NOT NULL, deaths INTEGER NOT NULL,
            PRIMARY KEY (topic, partition)) WITHOUT ROWID;
        CREATE TABLE parked (
            topic INTEGER NOT NULL, partition INTEGER NOT NULL, record_offset INTEGER NOT NULL,
            lane BLOB NOT NULL, append_time INTEGER NOT NULL, value BLOB NOT NULL, reason TEXT NOT NULL,
            PRIMARY KEY (topic, partition, record_offset)) WITHOUT ROWID;
        CREATE INDEX parked_lane ON parked (topic, lane);
        """
}

/// Remembers the data version last seen.
final class DataVersion {
    private var last: Int64?

    func changed(_ version: Int64) -> Bool {
        defer { last = version }
        return last != version
    }
}
