import EventLog
import Messaging
import PersonalMetadata
import Projection
import SQLite
import SharedContent
import Simulation
import TestSupport
import ViewStorage

/// Both views in SQLite, fed with batches by hand.
final class Views {
    let shared: SQLiteSharedContentStore
    let personal: SQLitePersonalMetadataStore
    private var epochs: [ProjectionName: [TopicPartition: Int64]] = [:]
    private(set) var reports: [ProjectionName: BatchReport] = [:]

    /// - Parameters:
    ///   - directory: where the files are; `nil` for databases in memory.
    ///   - cachedRows: few, so that the stores forget in the middle of a history, or many.
    init(in directory: String? = nil, cachedRows: Int = 100_000) throws {
        shared = try SQLiteSharedContentStore(
            path: directory.map { "\($0)/shared.db" } ?? ":memory:", cachedRows: cachedRows)
        personal = try SQLitePersonalMetadataStore(
            path: directory.map { "\($0)/personal.db" } ?? ":memory:", cachedRows: cachedRows)
        for store in stores {
            epochs[store.projection] = try store.claim(
                Views.partitions(of: store), owner: LeaseOwner(text: "test"), leaseMicros: 3_600_000_000)
        }
    }

    var stores: [any ViewStore] { [shared, personal] }

    /// A history has at most three partitions of each topic.
    static func partitions(of store: any ViewStore) -> [TopicPartition] {
        store.projection.topics.flatMap { topic in (0..<3).map { TopicPartition(topic, $0) } }
    }

    func database(of projection: ProjectionName) -> ViewDatabase {
        projection == .shared ? shared.database : personal.database
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
            try ViewRows(shared.database.connection, ViewLayouts.shared),
            try ViewRows(personal.database.connection, ViewLayouts.personal),
        ]
    }

    /// Rows that depend on the records alone, but not on SEMANTICS alone.
    func stored() throws -> ViewRows { try ViewRows(personal.database.connection, ViewLayouts.stored) }

    /// Throws unless both views hold exactly what the model says.
    func require(equal model: ReferenceModel, _ what: String) throws {
        for (found, expected) in zip(try rows(), [model.sharedRows, model.personalRows]) where found != expected {
            throw TestFailure("\(what):\n\(found.differences(from: expected))")
        }
    }
}

extension ViewRows {
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
