import Messaging
import PersonalMetadata
import Postgres
import Projection
import SQLite
import SharedContent
import TestSupport
import Testing
import ViewStorage

/// Views made by an earlier version keep every row when they are opened, in every store.
@Suite struct MigrationTests {
    /// Rows of the tables that the last migration makes anew, in each view.
    private static let rows: [(projection: ProjectionName, table: String, columns: [(name: String, value: String)])] = [
        (
            .shared, "version",
            [
                ("conversation", id(1)), ("message", id(2)), ("ord", "7"), ("version", id(3)), ("withdrawn", "0"),
                ("keys", "4"), ("content", "NULL"), ("source_version", "9"), ("digest", id(5)),
            ]
        ),
        (
            .personal, "personal_orphan",
            [
                ("member", id(1)), ("member_ord", "7"), ("conversation", id(2)), ("message", id(3)), ("command", id(4)),
                ("effect", "2"),
            ]
        ),
    ]

    /// An id as a literal that `literal` writes for a store.
    private static func id(_ number: Int) -> String { "0000000000000000000000000000000\(number)" }

    private static func literal(_ value: String, _ kind: StoreKind) -> String {
        guard value.utf8.count == 32 else { return value }
        return kind == .sqlite ? "x'\(value)'" : "'\(value)'"
    }

    @Test(arguments: StoreKind.available)
    func rowsOfTheVersionBeforeAreThereAfterwardsAndOthersOfTheirMicrosecondBesideThem(_ kind: StoreKind) throws {
        try kind.withPlace { place in
            for row in Self.rows {
                let names = row.columns.map(\.name).joined(separator: ", ")
                let values = row.columns.map { Self.literal($0.value, kind) }.joined(separator: ", ")
                let insertion = "INSERT INTO \(row.table) (\(names)) VALUES (\(values))"
                let command = row.columns.first { $0.name == "version" || $0.name == "command" }!.value
                let another = insertion.replacing(command, with: Self.id(8))
                let lines = try Self.migrated(row.projection, at: place, before: insertion, after: another)
                #expect(lines.count { $0.contains("\"table\":\"\(row.table)\"") } == 2)
                for id in [command, Self.id(8)] {
                    #expect(lines.count { $0.contains("-00000000000\(id.last!)\"") && $0.contains("\":7,") } >= 1)
                }
            }
        }
    }

    /// What a view holds that was made by the version before.
    private static func migrated(
        _ projection: ProjectionName, at place: ViewPlace, before: String, after: String
    ) throws -> [String] {
        let store: any ViewStore
        switch place {
        case .postgres(let address):
            var definition = projection == .shared ? SharedContentSchema.postgres : PersonalMetadataSchema.postgres
            definition.migrations.removeLast()
            try PostgresViewDatabase(address, definition: definition, access: .project).connection().execute(before)
            store = try PostgresStore.open(projection, address)
            try PostgresStore.database(of: store)?.connection().execute(after)
            return try PostgresStore.dump(store).map { String(decoding: $0, as: UTF8.self) }
        case .directory(let directory):
            var definition = projection == .shared ? SharedContentSchema.definition : PersonalMetadataSchema.definition
            definition.migrations.removeLast()
            let path = "\(directory)/\(projection.rawValue).db"
            try ViewDatabase(path, definition: definition, access: .project).connection.execute(before)
            store = try SQLiteStore.open(projection, path)
            try SQLiteStore.database(of: store).connection.execute(after)
            return try SQLiteStore.dump(store).map { String(decoding: $0, as: UTF8.self) }
        case .memory: throw TestFailure("nothing can be opened again in memory")
        }
    }
}
