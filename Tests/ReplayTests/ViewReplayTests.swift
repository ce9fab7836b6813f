import EventLog
import Glibc
import Messaging
import Projection
import Replay
import Simulation
import Synchronization
import TestSupport
import Testing
import ViewStorage

/// Rebuilding, comparing and swapping whole views.
@Suite(.inEveryStore) struct ViewReplayTests {
    /// How many random histories are tried.
    private static var rounds: UInt64 {
        UInt64(StoreKind.current.rounds(getenv("PARLEY_TORTURE") == nil ? 15 : 1_000))
    }

    @Test(arguments: ProjectionName.allCases)
    func aRebuildOfAnyHistoryIsEqualAndBecomesActive(_ view: ProjectionName) throws {
        for seed in 40_000..<40_000 + Self.rounds {
            try withTemporaryDirectory { directory in
                var dice = Dice(seed: seed)
                let rebuilt = try RebuiltLog(in: directory)
                let history = HistoryGenerator.history(seed: seed, count: 40 + dice.below(160)).records
                for (index, logged) in history.enumerated() {
                    try rebuilt.append([logged])
                    if dice.chance(1, in: 60) {
                        try rebuilt.appendJunk(key: logged.record.key, personal: logged.record.command.isPersonal)
                    }
                    if index % 50 == 0 { try rebuilt.project(view, batchRecords: 1 + dice.below(40)) }
                }
                try rebuilt.project(view)
                let live = try rebuilt.rows(view)
                let (answer, differences) = try rebuilt.replay(view)
                #expect(differences == [], "PARLEY_SEED=\(seed)")
                #expect(answer.outcome == .swapped)
                #expect(try rebuilt.generations(view).active() == 2)
                #expect(try rebuilt.rows(view) == live, "PARLEY_SEED=\(seed)")
                #expect(answer.undecodable.filter { !$0.isParkedLive } == [])
            }
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func aLiveViewThatGoesOnAtEveryStepIsComparedAtOnePosition(_ view: ProjectionName) throws {
        for purpose in [ReplayOptions.Purpose.verify, .swap] {
            try withTemporaryDirectory { directory in
                let rebuilt = try RebuiltLog(in: directory)
                let history = HistoryGenerator.history(seed: 15, count: 600).records
                try rebuilt.append(Array(history[..<200]))
                try rebuilt.project(view)
                var options = ReplayOptions()
                options.purpose = purpose
                var (rest, phases) = (history[200...], Set<ReplayProgress.Phase>())
                var (failures, differences) = ([String](), [RowDifference]())
                let replay = ViewReplay(
                    log: rebuilt.log, generations: try rebuilt.generations(view), options: options,
                    observe: { progress in
                        // While it swaps, the live view waits.
                        if progress.phase == .swapping { rest = [] }
                        guard !rest.isEmpty else { return }
                        do {
                            try rebuilt.append(Array(rest.prefix(10)))
                            rest = rest.dropFirst(10)
                            try rebuilt.project(view)
                            phases.insert(progress.phase)
                        } catch { failures.append("\(progress.phase): \(error)") }
                    })
                let answer = try replay.run { differences.append($0) }
                #expect(failures == [])
                #expect(differences == [])
                #expect(answer.outcome == (purpose == .swap ? .swapped : .equal))
                #expect(phases.isSuperset(of: [.reading, .folding, .indexing, .projecting, .comparing]))
                try rebuilt.project(view)
                #expect(try rebuilt.replay(view).answer.comparison?.isEqual == true)
            }
        }
    }

    @Test func aProjectorGoesOnInTheNewGeneration() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            let history = HistoryGenerator.history(seed: 3, count: 200).records
            try rebuilt.append(Array(history[..<120]))
            try rebuilt.project(.personal)
            let stale = try rebuilt.store(.personal)
            #expect(try rebuilt.replay(.personal).answer.outcome == .swapped)
            try rebuilt.append(Array(history[120...]))
            let before = try rebuilt.rows(.personal, generation: 1)
            let projector = Projector(log: rebuilt.log, store: stale, owner: LeaseOwner(text: "stale"))
            let error = #expect(throws: ProjectionError.self) { try projector.catchUp() }
            #expect(error?.code == .superseded)
            #expect(try rebuilt.rows(.personal, generation: 1) == before)
            try rebuilt.project(.personal)
            #expect(try rebuilt.replay(.personal).answer.comparison?.isEqual == true)
        }
    }

    @Test func aGenerationThatStandsElsewhereThanTheActiveOneIsNotSwappedIn() throws {
        for view in ProjectionName.allCases {
            try withTemporaryDirectory { directory in
                let rebuilt = try RebuiltLog(in: directory)
                let history = HistoryGenerator.history(seed: 14, count: 160).records
                try rebuilt.append(Array(history[..<100]))
                try rebuilt.project(view)
                let generations = try rebuilt.generations(view)
                _ = try ViewReplay(log: rebuilt.log, generations: generations).build()
                try rebuilt.append(Array(history[100...]))
                try rebuilt.project(view)
                // Nobody brings it to where the active one is.
                let error = #expect(throws: ProjectionError.self) { try generations.activate(2) { _ in } }
                #expect(error?.code == .fenced)
                #expect(try generations.active() == 1)
                #expect(try rebuilt.replay(view).answer.outcome == .swapped)
                #expect(try generations.active() == 2)
            }
        }
    }

    @Test func epochsGoOnAboveThoseOfTheGenerationBefore() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 4, count: 50).records)
            for _ in 0..<5 { try rebuilt.project(.shared) }
            let before = try rebuilt.store(.shared).claim(
                [TopicPartition(.conversationCommands, 0)], owner: LeaseOwner(text: "one"), leaseMicros: 1)
            _ = try rebuilt.replay(.shared)
            let after = try rebuilt.store(.shared).claim(
                [TopicPartition(.conversationCommands, 0)], owner: LeaseOwner(text: "two"), leaseMicros: 1)
            #expect(after.values.first! > before.values.first!)
        }
    }

    @Test func aViewThatDiffersStaysUntilAReasonIsGiven() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 5, count: 150).records)
            try rebuilt.project(.shared)
            try rebuilt.damage(.shared, "UPDATE conversation SET closed = 1 - closed")
            let (answer, differences) = try rebuilt.replay(.shared)
            #expect(answer.outcome == .differs)
            #expect(Int64(differences.count) == answer.comparison?.differences)
            #expect(differences.allSatisfy { $0.changes.map(\.name) == ["closed"] })
            #expect(try rebuilt.generations(.shared).active() == 1)
            #expect(try rebuilt.generations(.shared).list().map(\.state) == [.active, .differs])
            var options = ReplayOptions()
            options.accept = "closed by hand"
            let accepted = try rebuilt.replay(.shared, options).answer
            #expect(accepted.outcome == .swapped && accepted.accepted == "closed by hand")
            #expect(try rebuilt.generations(.shared).active() == 2)
            #expect(try rebuilt.generations(.shared).list().map(\.state) == [.previous, .active])
        }
    }

    @Test func anInterruptedRebuildGoesOnWhereItWas() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 6, count: 200).records)
            try rebuilt.project(.personal)
            let live = try rebuilt.rows(.personal)
            for limit in [1, 2, 5, 9] {
                let asked = Atomic<Int>(0)
                let error = #expect(throws: ReplayError.self) {
                    try rebuilt.replay(.personal) { asked.wrappingAdd(1, ordering: .relaxed).newValue > limit }
                }
                #expect(error?.code == .interrupted)
                #expect(try rebuilt.generations(.personal).active() == 1)
                #expect(try rebuilt.generations(.personal).list().map(\.state) == [.active, .building])
            }
            #expect(try rebuilt.replay(.personal).answer.generation == 2)
            #expect(try rebuilt.rows(.personal) == live)
        }
    }

    @Test func whatAnOlderVersionBeganIsBegunAnew() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 12, count: 200).records)
            try rebuilt.project(.shared)
            let live = try rebuilt.rows(.shared)
            var options = ReplayOptions()
            options.fixedBucketRecords = 10
            let asked = Atomic<Int>(0)
            let error = #expect(throws: ReplayError.self) {
                try rebuilt.replay(.shared, options) { asked.wrappingAdd(1, ordering: .relaxed).newValue > 40 }
            }
            #expect(error?.code == .interrupted)
            try rebuilt.makeOlder(.shared, generation: 2)
            #expect(try rebuilt.replay(.shared, options).answer.outcome == .swapped)
            #expect(try rebuilt.rows(.shared) == live)
        }
    }

    @Test func twoReplaysOfOneViewDoNotMeet() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 7, count: 20).records)
            let lock = try rebuilt.generations(.shared).lock()
            #expect(lock != nil)
            let error = #expect(throws: ReplayError.self) { try rebuilt.replay(.shared) }
            #expect(error?.code == .busy)
            withExtendedLifetime(lock) {}
        }
    }

    @Test func withoutALiveViewTheRebuildIsTheView() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 8, count: 100).records)
            let answer = try rebuilt.replay(.shared).answer
            #expect(answer.outcome == .swapped && answer.comparison == nil)
            let rows = try rebuilt.rows(.shared)
            try rebuilt.project(.shared)
            #expect(try rebuilt.rows(.shared) == rows)
        }
    }

    @Test func verifyingChangesNothingAndLeavesNothing() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 9, count: 100).records)
            try rebuilt.project(.personal)
            var options = ReplayOptions()
            options.purpose = .verify
            #expect(try rebuilt.replay(.personal, options).answer.outcome == .equal)
            try rebuilt.damage(.personal, "UPDATE member SET waiting_count = waiting_count + 1")
            #expect(try rebuilt.replay(.personal, options).answer.outcome == .differs)
            #expect(try rebuilt.generations(.personal).list().map(\.number) == [1])
            #expect(try rebuilt.generations(.personal).active() == 1)
        }
    }

    @Test func pruningKeepsTheActiveGenerationAlone() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 10, count: 100).records)
            try rebuilt.project(.shared)
            for _ in 0..<2 { _ = try rebuilt.replay(.shared) }
            let rows = try rebuilt.rows(.shared)
            #expect(try ReplayPruning.run(rebuilt.generations(.shared)).map(\.number) == [1, 2])
            #expect(try rebuilt.generations(.shared).list().map(\.number) == [3])
            #expect(try rebuilt.rows(.shared) == rows)
        }
    }
}

/// What cannot be applied is listed as a whole, and compared with what the live view parked.
@Suite struct ParkedListTests {
    @Test func allOfThemAreListedWithWhatOnlyTheLiveViewParked() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory, partitions: 1)
            let history = HistoryGenerator.history(seed: 71, count: 120).records
            try rebuilt.append(history)
            for key in UInt64(1)...3 { try rebuilt.appendJunk(key: .init(high: 9, low: key), personal: false) }
            try rebuilt.project(.shared)
            try rebuilt.damage(
                .shared,
                """
                UPDATE parked SET record_offset = 0 WHERE record_offset = (SELECT max(record_offset) FROM parked)
                """)
            let (answer, differences) = try rebuilt.replay(.shared)
            #expect(answer.outcome == .differs)
            #expect(answer.undecodable.count == 3)
            #expect(answer.undecodable.map(\.isParkedLive) == [true, true, false])
            #expect(answer.parkedOnlyLive.map(\.position.offset) == [0])
            #expect(Set(differences.map(\.table)) == ["parked"])
        }
    }
}
