import Glibc
import Messaging
import Projection
import Replay
import SQLite
import Simulation
import TestSupport
import Testing
import ViewStorage

/// What somebody changed in a view is found, at its table, row and field, and nothing else.
@Suite(.inEveryStore) struct PlantedDifferenceTests {
    @Test(arguments: ProjectionName.allCases)
    func everyChangedFieldAndEveryRowTooFewOrTooManyIsFound(_ view: ProjectionName) throws {
        var planted: Set<String> = []
        for seed in UInt64(7_000)..<7_040 {
            try withTemporaryDirectory { directory in
                let rebuilt = try RebuiltLog(in: directory)
                try rebuilt.append(HistoryGenerator.history(seed: seed, count: 150).records)
                try rebuilt.appendJunk(key: .init(high: 7, low: seed), personal: view == .personal)
                try rebuilt.project(view)
                let plant = try Planting(rebuilt, view)
                try plant.everything(into: &planted)
            }
            if planted.isSuperset(of: Self.everything(of: view)) { break }
        }
        #expect(Self.everything(of: view).subtracting(planted) == [])
    }

    /// Named here once more: what a store leaves out of its list is compared by nobody, and missed by no other test.
    private static let tables: [ProjectionName: [String]] = [
        .shared: [
            "conversation", "judged", "message", "orphan", "parked", "participant", "reaction", "rejection", "version",
        ],
        .personal: [
            "conversation", "judged", "member", "member_judged", "message_ref", "orphan", "parked", "participant",
            "personal_conversation", "personal_message", "personal_orphan",
        ],
    ]

    @Test(arguments: ProjectionName.allCases)
    func everyTableOfAViewIsCompared(_ view: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            _ = try rebuilt.store(view)
            #expect(try rebuilt.generations(view).rows(of: 1).tables.map(\.name) == Self.tables[view])
        }
    }

    /// Every table and column that there is, as the store itself says.
    private static func everything(of view: ProjectionName) -> Set<String> {
        let tables = try? withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            _ = try rebuilt.store(view)
            return try rebuilt.generations(view).rows(of: 1).tables
        }
        var all: Set<String> = []
        for table in tables ?? [] {
            all.formUnion(["\(table.name) missing", "\(table.name) extra"])
            all.formUnion(table.columns.map { "\(table.name).\($0)" })
        }
        return all
    }
}

/// Plants one difference after another into a live view that is equal to generation 2.
private struct Planting {
    let view: ProjectionName
    let rebuilt: RebuiltLog
    let live: any PlantedStore
    let tables: [StoredTable]

    init(_ rebuilt: RebuiltLog, _ view: ProjectionName) throws {
        self.view = view
        self.rebuilt = rebuilt
        let store = try rebuilt.generations(view).open(2, cachedRows: 100_000)
        _ = try Projector(log: rebuilt.log, store: store, owner: LeaseOwner(text: "rebuild")).catchUp()
        if let address = try rebuilt.address() {
            live = try PostgresPlantedStore(address, view)
        } else {
            live = try SQLitePlantedStore(rebuilt.path(view))
        }
        tables = try rebuilt.generations(view).rows(of: 1).tables
        try require(try differences() == [], "equal views differ")
    }

    private func differences() throws -> [RowDifference] {
        var found: [RowDifference] = []
        let generations = try rebuilt.generations(view)
        _ = try ViewComparison(view).run(
            live: try generations.rows(of: 1), rebuilt: try generations.rows(of: 2)
        ) { found.append($0) }
        return found
    }

    func everything(into planted: inout Set<String>) throws {
        for table in tables {
            guard try live.count(of: table.name) > 0 else { continue }
            try plantMissing(table)
            planted.insert("\(table.name) missing")
            try plantExtra(table)
            planted.insert("\(table.name) extra")
            for (index, column) in table.columns.enumerated() {
                try plantChange(table, column, isKey: table.key.contains(index))
                planted.insert("\(table.name).\(column)")
            }
        }
    }

    /// Runs `change` in the live view, checks what is found, and undoes it.
    private func with(_ table: StoredTable, _ change: String, _ check: ([RowDifference]) throws -> Void) throws {
        let name = live.name(of: table.name)
        try live.execute("CREATE TEMP TABLE kept AS SELECT * FROM \(name)")
        try live.execute(change)
        let found = try differences()
        do { try check(found) } catch { throw TestFailure("\(change): found \(found): \(error)") }
        try live.execute("DELETE FROM \(name); INSERT INTO \(name) SELECT * FROM kept; DROP TABLE kept")
    }

    /// A row of the middle, by its key.
    private func anyRow(_ table: StoredTable) -> String {
        let key = table.key.map { "\"\(table.columns[$0])\"" }.joined(separator: ", ")
        return "(\(key)) = (SELECT \(key) FROM \(table.name) ORDER BY \(key) LIMIT 1 OFFSET "
            + "(SELECT count(*) / 2 FROM \(table.name)))"
    }

    private func plantMissing(_ table: StoredTable) throws {
        try with(table, "DELETE FROM \(table.name) WHERE \(anyRow(table))") { found in
            try require(found.map(\.kind) == [.missing] && found[0].table == table.name, "not one missing row")
        }
    }

    private func plantExtra(_ table: StoredTable) throws {
        // The same row once more, under another key.
        let values = try table.columns.enumerated().map { index, column in
            index == table.key.last ? try live.changed(column, of: table.name) : "\"\(column)\""
        }
        let insert = "INSERT INTO \(table.name) SELECT \(values.joined(separator: ", ")) FROM \(table.name) WHERE "
        try with(table, insert + anyRow(table)) { found in
            try require(found.map(\.kind) == [.extra] && found[0].table == table.name, "not one row too many")
        }
    }

    private func plantChange(_ table: StoredTable, _ column: String, isKey: Bool) throws {
        let changed = try live.changed(column, of: table.name)
        let update = "UPDATE \(table.name) SET \"\(column)\" = \(changed) WHERE \(anyRow(table))"
        try with(table, update) { found in
            try require(found.allSatisfy { $0.table == table.name }, "in another table")
            if isKey {
                try require(Set(found.map(\.kind)) == [.missing, .extra] && found.count == 2, "not a row that moved")
            } else {
                try require(
                    found.count == 1 && found[0].kind == .changed && found[0].changes.map(\.name) == [column],
                    "not this field")
            }
        }
    }
}
