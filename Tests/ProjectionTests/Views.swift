import EventLog
import Messaging
import PersonalMetadata
import Postgres
import Projection
import SQLite
import SharedContent
import Simulation
import TestSupport
import ViewStorage

/// Where the views of a test are.
enum ViewPlace {
    /// SQLite databases in memory.
    case memory
    /// SQLite files in a directory.
    case directory(String)
    case postgres(PostgresAddress)
}

extension StoreKind {
    /// Where a test's views can be, and be opened again.
    func withPlace(_ body: (ViewPlace) throws -> Void) throws {
        switch self {
        case .sqlite: try withTemporaryDirectory { try body(.directory($0)) }
        case .postgres: try PostgresServer.shared().withDatabase { try body(.postgres($0)) }
        }
    }

    /// A place for views that are not opened again: faster where it can be.
    func withFleetingPlace(_ body: (ViewPlace) throws -> Void) throws {
        if self == .sqlite { try body(.memory) } else { try withPlace(body) }
    }
}

/// Both views, fed with batches by hand.
final class Views {
    let shared: any ViewStore
    let personal: any ViewStore
    private var epochs: [ProjectionName: [TopicPartition: Int64]] = [:]
    private(set) var reports: [ProjectionName: BatchReport] = [:]

    /// - Parameters:
    ///   - place: where they are; views that are there are opened.
    ///   - cachedRows: few, so that the stores forget in the middle of a history, or many.
    ///   - longBatch: how many records make a batch a long one in PostgreSQL; few, so that most are.
    init(at place: ViewPlace = .memory, cachedRows: Int = 100_000, longBatch: Int = 7) throws {
        switch place {
        case .memory:
            shared = try SQLiteSharedContentStore(path: ":memory:", cachedRows: cachedRows)
            personal = try SQLitePersonalMetadataStore(path: ":memory:", cachedRows: cachedRows)
        case .directory(let directory):
            shared = try SQLiteSharedContentStore(path: "\(directory)/shared.db", cachedRows: cachedRows)
            personal = try SQLitePersonalMetadataStore(path: "\(directory)/personal.db", cachedRows: cachedRows)
        case .postgres(let address):
            shared = try PostgresSharedContentStore(address: address, cachedRows: cachedRows, longBatch: longBatch)
            personal = try PostgresPersonalMetadataStore(
                address: address, cachedRows: cachedRows, longBatch: longBatch)
        }
        for store in stores {
            epochs[store.projection] = try store.claim(
                Views.partitions(of: store), owner: LeaseOwner(text: "test"), leaseMicros: 3_600_000_000)
        }
    }

    /// New, empty views.
    static func anew(at place: ViewPlace, cachedRows: Int = 100_000, longBatch: Int = 7) throws -> Views {
        switch place {
        case .memory: break
        case .directory(let directory):
            for file in try filesIn(directory) where file.contains(".db") { removeTree("\(directory)/\(file)") }
        case .postgres(let address): try PostgresStore.empty(address)
        }
        return try Views(at: place, cachedRows: cachedRows, longBatch: longBatch)
    }

    var stores: [any ViewStore] { [shared, personal] }

    /// A history has at most three partitions of each topic.
    static func partitions(of store: any ViewStore) -> [TopicPartition] {
        store.projection.topics.flatMap { topic in (0..<3).map { TopicPartition(topic, $0) } }
    }

    /// The batch of records that a view is built from, moving each partition from where the first of its records stands.
    func batch(_ records: some Sequence<LoggedRecord>, for projection: ProjectionName) -> ProjectionBatch {
        var batch = ProjectionBatch()
        for logged in records where projection == .personal || !logged.record.command.isPersonal {
            let partition = logged.topicPartition
            let from = batch.moves[partition]?.from ?? logged.offset
            batch.moves[partition] = ProjectionBatch.Move(from: from, to: logged.offset + 1)
            batch.epochs[partition] = epochs[projection]?[partition]
            batch.items.append(.record(logged))
        }
        return batch
    }

    func apply(_ records: some Sequence<LoggedRecord>, to store: any ViewStore) throws {
        reports[store.projection, default: BatchReport()].add(try store.apply(batch(records, for: store.projection)))
    }

    func apply(_ records: some Sequence<LoggedRecord>) throws {
        for store in stores { try apply(records, to: store) }
    }

    func rows() throws -> [ViewRows] {
        [
            try ViewRows(shared, ViewLayouts.shared), try ViewRows(personal, ViewLayouts.personal),
        ]
    }

    /// Rows that depend on the records alone, but not on SEMANTICS alone.
    func stored() throws -> ViewRows { try ViewRows(personal, ViewLayouts.stored) }

    /// Throws unless both views hold exactly what the model says.
    func require(equal model: ReferenceModel, _ what: String) throws {
        for (found, expected) in zip(try rows(), [model.sharedRows, model.personalRows]) where found != expected {
            throw TestFailure("\(what):\n\(found.differences(from: expected))")
        }
    }
}

extension ViewRows {
    /// Reads what a view holds, wherever it is.
    init(_ store: any ViewStore, _ layouts: [ViewLayout]) throws {
        if let database = PostgresStore.database(of: store) {
            try self.init(database, layouts)
        } else {
            try self.init(SQLiteStore.database(of: store).connection, layouts)
        }
    }

    /// Reads what a view in SQLite holds.
    init(_ connection: Connection, _ layouts: [ViewLayout]) throws {
        self.init(
            try layouts.map { layout in
                let query = try connection.statement(layout.query)
                defer { query.reset() }
                var rows: [[Cell]] = []
                while try query.step() {
                    rows.append(layout.columns.enumerated().map { query.cell($0.offset, $0.element.kind) })
                }
                return ViewTable(layout, rows)
            })
    }
}

extension Statement {
    fileprivate func cell(_ column: Int, _ kind: ViewColumn.Kind) -> Cell {
        if isNull(column) { return .null }
        return switch kind {
        case .int: .int(int64(column))
        case .bytes: .bytes(bytes(column))
        case .id: identifier(column).map { .id(Identifier(high: $0.high, low: $0.low)) } ?? .bytes(bytes(column))
        }
    }
}

/// Cuts records into batches of random sizes, now small, now large.
func batches(of records: [LoggedRecord], using dice: inout Dice) -> [ArraySlice<LoggedRecord>] {
    var batches: [ArraySlice<LoggedRecord>] = []
    var start = 0
    let largest = dice.pick([1, 3, 10, 40, 1_000])
    while start < records.count {
        let end = min(records.count, start + 1 + dice.below(largest))
        batches.append(records[start..<end])
        start = end
    }
    return batches
}
