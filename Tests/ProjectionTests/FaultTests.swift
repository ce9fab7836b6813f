import Messaging
import Projection
import SQLite
import Simulation
import TestSupport
import Testing
import ViewStorage

/// Batches that fail halfway: nothing of them is in the view, and going on gives what it gives without the failure.
@Suite struct FaultTests {
    @Test func aBatchThatFailsAnywhereLeavesNothingAndMayBeAppliedAgain() throws {
        var failures = 0
        try Rounds.run(120, first: 6_000_000) { seed in
            var dice = Dice(seed: seed)
            let history = HistoryGenerator.history(seed: seed, count: 30 + dice.below(70))
            let views = try Views()
            for batch in batches(of: history.interleaved(using: &dice), using: &dice) {
                for store in views.stores where dice.chance(1, in: 2) {
                    if try fails(batch, on: store, of: views, using: &dice) { failures += 1 }
                }
                for store in views.stores where try views.isBehind(batch, store) { try views.apply(batch, to: store) }
            }
            try views.require(equal: ReferenceModel(history.records), "views that failed now and then differ")
        }
        #expect(failures > 50, "only \(failures) batches failed: the faults are not where the writes are")
    }

    /// A process that dies after the commit: its successor has another connection and no cache.
    @Test func aProcessThatDiesNowAndThenGivesTheSameRows() throws {
        try Rounds.run(40, first: 7_000_000) { seed in
            try withTemporaryDirectory { directory in
                var dice = Dice(seed: seed)
                let history = HistoryGenerator.history(seed: seed, count: 60)
                var views = try Views(at: .directory(directory))
                for batch in batches(of: history.interleaved(using: &dice), using: &dice) {
                    for store in views.stores where dice.chance(1, in: 3) {
                        _ = try fails(batch, on: store, of: views, using: &dice)
                    }
                    if dice.chance(1, in: 4) { views = try Views(at: .directory(directory)) }
                    for store in views.stores where try views.isBehind(batch, store) {
                        try views.apply(batch, to: store)
                        if dice.chance(1, in: 4) {
                            #expect(throws: ProjectionError.self) { try views.apply(batch, to: store) }
                        }
                    }
                }
                try views.require(equal: ReferenceModel(history.records), "views of processes that died differ")
            }
        }
    }

    /// Applies a batch to a view in which writing some row fails, and checks that a failure left nothing.
    /// - Returns: whether it failed; a batch may not write where the fault is.
    private func fails(
        _ batch: ArraySlice<LoggedRecord>, on store: any ViewStore, of views: Views, using dice: inout Dice
    ) throws -> Bool {
        let connection = try SQLiteStore.database(of: store).connection
        let before = try views.rows()
        try Fault.plant(in: connection, using: &dice)
        defer { #expect(throws: Never.self) { try Fault.remove(from: connection) } }
        do { try views.apply(batch, to: store) } catch let error as ProjectionError {
            try require(error.code == .refused, "another error than the fault's: \(error)")
            let after = try views.rows()
            try require(after == before, "something of a failed batch is in the view")
            return true
        }
        return false
    }
}

extension Views {
    /// Whether the view has not applied the batch yet.
    func isBehind(_ batch: ArraySlice<LoggedRecord>, _ store: any ViewStore) throws -> Bool {
        let positions = try store.positions()
        return self.batch(batch, for: store.projection).moves.contains { positions[$0.key] ?? 0 < $0.value.to }
    }
}

/// Makes a connection fail when it writes the n-th row of some table.
enum Fault {
    static func plant(in connection: Connection, using dice: inout Dice) throws {
        let names = try connection.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")
        var tables: [String] = []
        while try names.step() { tables.append(names.text(0)) }
        names.reset()
        try connection.execute(
            "CREATE TEMP TABLE fuse (n INTEGER); INSERT INTO fuse VALUES (\(dice.pick([0, 0, 1, 3, 9])))")
        for number in 0..<3 {
            try connection.execute(
                """
                CREATE TEMP TRIGGER spark\(number) BEFORE \(dice.pick(["INSERT", "UPDATE", "DELETE"])) ON main.\(dice.pick(tables))
                BEGIN
                    UPDATE fuse SET n = n - 1;
                    SELECT RAISE(ABORT, 'a planted fault') FROM fuse WHERE n < 0;
                END
                """)
        }
    }

    static func remove(from connection: Connection) throws {
        for number in 0..<3 { try connection.execute("DROP TRIGGER temp.spark\(number)") }
        try connection.execute("DROP TABLE temp.fuse")
    }
}
