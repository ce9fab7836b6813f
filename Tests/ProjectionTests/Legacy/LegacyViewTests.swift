import Messaging
import Projection
import Simulation
import TestSupport
import Testing

/// Views in every store merge what a legacy system says, whatever the order and the batches.
@Suite struct LegacyViewTests {
    /// What does not depend on the order: of rejections and of what waits the place in the log does.
    private static func rows(of views: Views) throws -> [[UInt8]] {
        try views.stores.flatMap { store in
            let dump = PostgresStore.database(of: store) == nil ? SQLiteStore.dump : PostgresStore.dump
            return try dump(store).filter { line in
                !["\"table\":\"rejection\"", "\"table\":\"orphan\""].contains {
                    line.firstRange(of: Array($0.utf8)) != nil
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func anyOrderAndAnyBatchesGiveTheSameRows(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            try Rounds.run(kind.rounds(400), first: 21_000_000) { seed in
                let history = MixedHistory(seed: seed)
                var dice = Dice(seed: seed)
                var first: [[UInt8]]?
                for number in 0..<4 {
                    let views = try Views.anew(at: place, cachedRows: dice.pick([1, 10, 100_000]))
                    let records = history.logged(using: &dice)
                    for batch in number == 0 ? [records[...]] : batches(of: records, using: &dice) {
                        try views.apply(batch)
                    }
                    let found = try Self.rows(of: views)
                    let expected = first ?? found
                    let differing = found.filter { !expected.contains($0) } + expected.filter { !found.contains($0) }
                    try require(
                        found == expected,
                        "order \(number):\n"
                            + differing.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
                    first = expected
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func mixedHistoriesEqualTheModelWhateverTheBatches(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            try Rounds.run(kind.rounds(600), first: 23_000_000) { seed in
                var dice = Dice(seed: seed)
                let records = MixedHistory(seed: seed, isWild: dice.chance(1, in: 2)).logged(using: &dice)
                let views = try Views.anew(at: place, cachedRows: dice.pick([1, 6, 100_000]))
                for batch in batches(of: records, using: &dice) { try views.apply(batch) }
                try views.require(equal: ReferenceModel(records), "the views differ from the model")
            }
        }
    }

    /// All rows, rejections and what waits, too.
    @Test(arguments: StoreKind.available)
    func batchesAndWhatIsKeptBetweenThemDoNotMatter(_ kind: StoreKind) throws {
        try kind.withFleetingPlace { place in
            try Rounds.run(kind.rounds(400), first: 22_000_000) { seed in
                var dice = Dice(seed: seed)
                let records = MixedHistory(seed: seed, isWild: true).logged(using: &dice)
                var first: [[UInt8]]?
                for number in 0..<5 {
                    let views = try Views.anew(at: place, cachedRows: dice.pick([1, 3, 6, 100_000]))
                    for batch in number == 0 ? [records[...]] : batches(of: records, using: &dice) {
                        try views.apply(batch)
                    }
                    let found = try views.stores.flatMap { store in
                        try (PostgresStore.database(of: store) == nil ? SQLiteStore.dump : PostgresStore.dump)(store)
                    }
                    let expected = first ?? found
                    let differing = found.filter { !expected.contains($0) } + expected.filter { !found.contains($0) }
                    try require(
                        found == expected,
                        "cut \(number):\n"
                            + differing.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n"))
                    first = expected
                }
            }
        }
    }
}
