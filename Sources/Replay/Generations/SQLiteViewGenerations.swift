public import EventLog
import Glibc
import PersonalMetadata
public import Projection
import SQLite
import SharedContent
public import ViewStorage

/// The generations of a view in SQLite: a file each.
public struct SQLiteViewGenerations: ViewGenerations {
    public let projection: ProjectionName
    private let files: SQLiteGenerations

    /// - Parameter path: of the view.
    public init(_ projection: ProjectionName, path: String) {
        self.projection = projection
        files = SQLiteGenerations(path)
    }

    public var place: String { files.path }

    private var definition: ViewDatabase.Definition {
        switch projection {
        case .shared: SharedContentSchema.definition
        case .personal: PersonalMetadataSchema.definition
        }
    }

    public var workDirectory: String { files.directory }

    public func lock() throws -> AnyObject? { try files.lock() }
    public func active() throws -> Int64 { try files.active() }
    public func freeBytes() -> Int64? { files.freeBytes() }

    public func list() throws -> [Generation] {
        let active = try files.active()
        return try files.all().map { number in
            let state: Generation.State
            do { state = number == active ? .active : try self.state(of: number) } catch is ProjectionError {
                state = .damaged
            }
            return Generation(number: number, state: state, bytes: files.bytes(of: number))
        }
    }

    private func state(of generation: Int64) throws -> Generation.State {
        do {
            let connection = try Connection(files.file(of: generation), access: .readWrite)
            let isNoted =
                try connection.queryInt64("SELECT count(*) FROM sqlite_schema WHERE name = 'generation_build'") == 1
            // Nothing is in it before its first transaction.
            let isMade = try connection.queryInt64("SELECT count(*) FROM sqlite_schema") != 0
            guard isNoted else { return isMade ? .previous : .building }
            let text = try connection.queryText("SELECT state FROM generation_build") ?? ""
            return Generation.State(rawValue: text) ?? .damaged
        } catch let error as SQLiteError {
            // While it is loaded nobody else gets in.
            if error.isBusy { return .building }
            throw ProjectionError(.corrupt, "\(files.file(of: generation)) cannot be read", cause: error)
        }
    }

    public func open(_ generation: Int64, cachedRows: Int) throws -> any ViewStore {
        if try isOutdated(generation) { try files.remove(generation) }
        let isNew = access(files.file(of: generation), F_OK) != 0
        if isNew { try mark(generation, .building) }
        switch projection {
        case .shared:
            return try SQLiteSharedContentStore(path: files.path, generation: generation, cachedRows: cachedRows)
        case .personal:
            return try SQLitePersonalMetadataStore(path: files.path, generation: generation, cachedRows: cachedRows)
        }
    }

    /// Whether this was begun by a version that made other tables: what it folded is not what this one would have.
    private func isOutdated(_ generation: Int64) throws -> Bool {
        let file = files.file(of: generation)
        guard access(file, F_OK) == 0, try state(of: generation) == .building else { return false }
        do {
            let version = try Connection(file, access: .readWrite).queryInt64("PRAGMA user_version") ?? 0
            return version > 0 && version < definition.version
        } catch let error as SQLiteError {
            throw ProjectionError(.corrupt, "\(file) cannot be read", cause: error)
        }
    }

    public func bulk(_ store: any ViewStore) -> (any BulkLoading)? {
        switch store {
        case let store as SQLiteSharedContentStore: store.database
        case let store as SQLitePersonalMetadataStore: store.database
        default: nil
        }
    }

    public func mark(_ generation: Int64, _ state: Generation.State) throws {
        try database(generation).write(state)
    }

    /// Opened as a projector does, for changes beside the rows.
    private func database(_ generation: Int64) throws -> ViewDatabase {
        try ViewDatabase(files.path, definition: definition, access: .project, generation: generation)
    }

    public func rows(of generation: Int64) throws -> any RowSource {
        try SQLiteRowSource(files.path, definition: definition, generation: generation)
    }

    public func livePositions() throws -> [TopicPartition: Int64]? {
        let live = try ViewDatabase.reading(files.path, definition: definition)
        return live.isStandIn ? nil : try live.positions()
    }

    public func ownedPositions() throws -> [TopicPartition: Int64]? {
        let live = try ViewDatabase.reading(files.path, definition: definition)
        guard !live.isStandIn else { return nil }
        let positions = try live.positions()
        return try live.leases().reduce(into: [:]) { owned, lease in
            if lease.owner != nil { owned[lease.partition] = positions[lease.partition] ?? 0 }
        }
    }

    public func activate(_ generation: Int64, bringTo: ([TopicPartition: Int64]) throws -> Void) throws {
        let next = try database(generation)
        guard let live = try openLive() else {
            try next.settle(behind: [])
            return try files.activate(generation)
        }
        try live.write {
            let positions = try live.positions()
            try bringTo(positions)
            try next.checkStands(at: positions)
            try next.settle(behind: try live.leases())
            try files.activate(generation)
        }
    }

    public func change(
        _ body: (any RowSource, [TopicPartition: Int64], _ change: (RowDifference) throws -> Void) throws -> Void
    ) throws {
        let live = try ViewDatabase(files.path, definition: definition, access: .read)
        try live.write {
            try body(try SQLiteRowSource(inTransactionOf: live), try live.positions()) { try live.change($0) }
        }
    }

    /// - Returns: `nil` when there is none that could be written.
    private func openLive() throws -> ViewDatabase? {
        do {
            return try ViewDatabase(files.path, definition: definition, access: .read)
        } catch let error as ProjectionError
            where [.corrupt, .missing, .cannotOpen, .incompatible].contains(error.code)
        {
            return nil
        }
    }

    public func remove(_ generation: Int64) throws {
        guard try files.active() != generation else {
            throw ReplayError(.invalid, "generation \(generation) is the active one: it is not removed")
        }
        try files.remove(generation)
    }
}

extension ViewDatabase {
    /// Makes a row what a rebuild says.
    func change(_ difference: RowDifference) throws {
        let place = difference.key.map { "\"\($0.name)\" = ?" }.joined(separator: " AND ")
        let (sql, values): (String, [StoredValue]) =
            switch difference.kind {
            case .extra: ("DELETE FROM \(difference.table) WHERE \(place)", difference.key.map(\.value))
            case .missing:
                (
                    "INSERT INTO \(difference.table) (\(difference.row.map { "\"\($0.name)\"" }.joined(separator: ", "))) "
                        + "VALUES (\(difference.row.map { _ in "?" }.joined(separator: ", ")))",
                    difference.row.map(\.value)
                )
            case .changed:
                (
                    "UPDATE \(difference.table) SET "
                        + difference.changes.map { "\"\($0.name)\" = ?" }.joined(separator: ", ") + " WHERE \(place)",
                    difference.changes.map(\.rebuilt) + difference.key.map(\.value)
                )
            }
        let statement = try connection.statement(sql)
        for (index, value) in values.enumerated() { try statement.bind(value, at: index + 1) }
        try statement.run()
    }

    /// What is not where the active generation is must not take its place.
    func checkStands(at wanted: [TopicPartition: Int64]) throws {
        let found = try positions()
        guard wanted.allSatisfy({ found[$0.key] ?? 0 == $0.value }) else {
            throw ProjectionError(
                .fenced,
                "generation \(generation) of the \(definition.projection.rawValue) view does not stand where the active one "
                    + "does: nothing was swapped; try again", isRetriable: true)
        }
    }

    /// Notes the state of a generation that is being built.
    func write(_ state: Generation.State) throws {
        try write {
            try connection.execute(
                "CREATE TABLE IF NOT EXISTS generation_build (state TEXT NOT NULL); DELETE FROM generation_build")
            let insert = try connection.prepare("INSERT INTO generation_build VALUES (?)")
            try insert.bind(text: state.rawValue, at: 1)
            try insert.run()
        }
    }

    /// Ends the building: nobody owns a partition, and epochs go on above those of the generation before.
    func settle(behind leases: [LeaseRow]) throws {
        try write {
            try connection.execute("DROP TABLE IF EXISTS generation_build; UPDATE lease SET owner = NULL, expires = 0")
            let raise = try connection.prepare(
                """
                INSERT INTO lease (topic, partition, owner, epoch, boot, expires) VALUES (?1, ?2, NULL, ?3, '', 0)
                ON CONFLICT DO UPDATE SET epoch = max(epoch, ?3)
                """)
            for lease in leases {
                try raise.bind(lease.partition)
                try raise.bind(lease.epoch + 1, at: 3)
                try raise.run()
            }
        }
        // What was written must be in the file before anybody is sent there.
        _ = try explaining { try connection.checkpoint(.passive) }
    }
}
