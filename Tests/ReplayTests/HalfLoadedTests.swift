import EventLog
import Messaging
import Projection
import Simulation
import Synchronization
import TestSupport
import Testing
import ViewStorage

@testable import Replay

/// A bulk loading that was stopped half way lacks indexes and keys until its end: nothing but another one goes on there.
@Suite(.inEveryStore) struct HalfLoadedTests {
    @Test(arguments: ProjectionName.allCases)
    func recordByRecordItIsBegunAnewAndHasAllIndexesAndKeys(_ view: ProjectionName) throws {
        try finishHalfLoaded(view, seed: 64_000) { _, _ in
            var options = ReplayOptions()
            options.isBulk = false
            return options
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func fromABaselineItIsBegunAnewAndHasAllIndexesAndKeys(_ view: ProjectionName) throws {
        try finishHalfLoaded(view, seed: 65_000) { rebuilt, directory in
            let halves = try rebuilt.log.endOffsets().mapValues { $0 / 2 }
            try Baseline.write(
                rebuilt.log, until: halves, to: directory + "/baseline", set: Identifier(high: 1, low: 98))
            var options = ReplayOptions()
            options.baseline = try Baseline(directory + "/baseline", counts: rebuilt.log.partitionCounts)
            try options.baseline?.check()
            return options
        }
    }

    /// Loads half of a view, and rebuilds it with other options.
    private func finishHalfLoaded(
        _ view: ProjectionName, seed: UInt64, _ options: (RebuiltLog, _ directory: String) throws -> ReplayOptions
    ) throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: seed, count: 300).records)
            try rebuilt.project(view)
            try loadHalf(rebuilt, view)
            try finish(rebuilt, view, options(rebuilt, directory))
        }
    }

    /// Stops the loading of generation 2 later and later, until a page is in. (Before the largest ones indexes are made.)
    private func loadHalf(_ rebuilt: RebuiltLog, _ view: ProjectionName) throws {
        var options = ReplayOptions()
        options.fixedBucketRecords = 40
        var (pages, limit) = (Int64(0), 1)
        while pages < 1, limit < 1_000 {
            let asked = Atomic<Int>(0)
            let most = limit
            let error = #expect(throws: ReplayError.self) {
                try rebuilt.replay(view, options) { asked.wrappingAdd(1, ordering: .relaxed).newValue > most }
            }
            #expect(error?.code == .interrupted)
            (pages, limit) = (try loadedPages(rebuilt, view), limit + 1)
        }
        let generations = try rebuilt.generations(view)
        #expect(try generations.active() == 1)
        #expect(try generations.bulk(generations.open(2, cachedRows: 0))?.isLoading() == true)
        #expect(try rebuilt.structure(view, generation: 2) != rebuilt.structure(view, generation: 1))
    }

    private func loadedPages(_ rebuilt: RebuiltLog, _ view: ProjectionName) throws -> Int64 {
        let generations = try rebuilt.generations(view)
        guard try generations.list().contains(where: { $0.number == 2 }) else { return 0 }
        return try generations.open(2, cachedRows: 0).positions()[TopicPartition(.legacyWrites, 0)] ?? 0
    }

    /// Rebuilds with these options and looks at what is active then.
    private func finish(_ rebuilt: RebuiltLog, _ view: ProjectionName, _ options: ReplayOptions) throws {
        let live = try rebuilt.rows(view)
        let complaints = Mutex<[String]>([])
        let replay = ViewReplay(
            log: rebuilt.log, generations: try rebuilt.generations(view), options: options,
            complain: { text in complaints.withLock { $0.append(text) } })
        var differences: [RowDifference] = []
        let answer = try replay.run { differences.append($0) }
        #expect(answer.outcome == .swapped && differences == [])
        #expect(complaints.withLock { $0 }.contains { $0.contains("generation 2") && $0.contains("begun anew") })
        #expect(try rebuilt.generations(view).active() == 2)
        #expect(try rebuilt.structure(view, generation: 2) == rebuilt.structure(view, generation: 1))
        #expect(try rebuilt.rows(view) == live)
        try rebuilt.append(HistoryGenerator.history(seed: 66_000, count: 60).records)
        try rebuilt.project(view)
        #expect(try rebuilt.replay(view).differences == [])
    }
}
