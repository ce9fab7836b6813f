import EventLog
import Glibc
import Messaging
import Projection
import Replay
import SQLite
import Simulation
import TestSupport
import Testing
import ViewStorage

/// Comparing a sample of a view.
@Suite struct SampledViewTests {
    private static let rounds: UInt64 = getenv("PARLEY_TORTURE") == nil ? 15 : 1_000

    private func verify(
        _ rebuilt: RebuiltLog, _ view: ProjectionName, percent: Double, seed: UInt64
    ) throws -> (answer: ReplayAnswer, differences: [RowDifference]) {
        var options = ReplayOptions()
        options.purpose = .verify
        let sampled = try SampledView(ReplaySample(percent: percent, seed: seed), of: view, in: rebuilt.log)
        options.sample = sampled
        var differences: [RowDifference] = []
        let answer = try ViewReplay(
            log: sampled.log, generations: try rebuilt.generations(view), options: options
        ).run { differences.append($0) }
        return (answer, differences)
    }

    @Test(arguments: ProjectionName.allCases)
    func noSampleOfAnyHistoryDiffers(_ view: ProjectionName) throws {
        for seed in 60_000..<60_000 + Self.rounds {
            try withTemporaryDirectory { directory in
                var dice = Dice(seed: seed)
                let rebuilt = try RebuiltLog(in: directory)
                for logged in HistoryGenerator.history(seed: seed, count: 40 + dice.below(160)).records {
                    try rebuilt.append([logged])
                    if dice.chance(1, in: 60) {
                        try rebuilt.appendJunk(key: logged.record.key, personal: logged.record.command.isPersonal)
                    }
                }
                try rebuilt.project(view, batchRecords: 1 + dice.below(40))
                let (answer, differences) = try verify(rebuilt, view, percent: 30, seed: seed)
                #expect(differences == [], "PARLEY_SEED=\(seed)")
                #expect(answer.outcome == .equal, "PARLEY_SEED=\(seed)")
                #expect(try rebuilt.generations(view).list().count == 1)
            }
        }
    }

    @Test func aSampleFindsWhatIsWrongInItAndTheSameSeedChoosesTheSame() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 61, count: 400).records)
            try rebuilt.project(.shared)
            let all = try rebuilt.rows(.shared)["conversation"]?.count ?? 0
            try rebuilt.damage(.shared, "UPDATE conversation SET last_ord = last_ord + 1")
            let whole = try verify(rebuilt, .shared, percent: 100, seed: 1).differences
            #expect(whole.count == all && whole.allSatisfy { $0.changes.map(\.name) == ["last_ord"] })
            var found: Set<Int> = []
            for seed in UInt64(0)..<8 {
                let sample = try verify(rebuilt, .shared, percent: 50, seed: seed).differences
                #expect(try verify(rebuilt, .shared, percent: 50, seed: seed).differences == sample)
                #expect(sample.allSatisfy(whole.contains))
                found.insert(sample.count)
            }
            #expect(found.contains { $0 > 0 && $0 < all })
        }
    }

    @Test func aSampleIsAboutAsLargeAsAsked() {
        let sample = ReplaySample(percent: 5, seed: 7)
        let chosen = (UInt64(0)..<20_000).count { sample.includes(Identifier(high: $0, low: 3)) }
        #expect((850...1_150).contains(chosen))
    }
}
