import EventLog
import Messaging
import Projection
import SQLiteLog
import Simulation
import TestSupport
import Testing
import Wire

/// Projectors bring views to the log's end, whatever the log, and share the work by leases.
@Suite struct ProjectorTests {
    @Test(arguments: ProjectionName.allCases)
    func catchingUpOverAnyLogGivesTheModelsRows(_ projection: ProjectionName) throws {
        try Rounds.run(30, first: 8_000_000) { seed in
            var dice = Dice(seed: seed)
            let clock = ManualClock(micros: 1_000)
            let world = ProjectedLog.inMemory(clock)
            let store = try SQLiteStore.open(projection, ":memory:")
            for batch in batches(of: HistoryGenerator.history(seed: seed, count: 100).records, using: &dice) {
                // The clock may be set back; the log then stands still.
                clock.advance(byMicros: Int64(dice.below(50)) - 20)
                try world.append(batch.map(\.record))
                if dice.chance(1, in: 3) {
                    _ = try world.projector(store, batchRecords: 1 + dice.below(30)).catchUp()
                }
            }
            _ = try world.projector(store).catchUp()
            try world.require(store, "the view differs from the model")
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func catchingUpOverTheLogOnSQLiteGivesTheModelsRows(_ projection: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(
                directory: "\(directory)/log",
                partitionCounts: PartitionCounts(conversationCommands: 3, memberCommands: 2))
            defer { log.close() }
            let world = ProjectedLog(log)
            let history = HistoryGenerator.history(seed: 77, count: 300, kind: .mixed)
            try world.append(history.records.prefix(200).map(\.record))
            let first = try SQLiteStore.open(projection, "\(directory)/view.db")
            let report = try world.projector(first).catchUp()
            try world.require(first, "the view differs from the model")
            try world.append(history.records.suffix(100).map(\.record))
            let again = try SQLiteStore.open(projection, "\(directory)/view.db")
            let more = try world.projector(again).catchUp()
            try world.require(again, "the view that went on differs from the model")
            let topics = projection.topics
            let ends = try log.endOffsets().filter { topics.contains($0.key.topic) }
            #expect(try again.positions() == ends.filter { $0.value > 0 })
            #expect(Int64(report.records + more.records) == ends.values.reduce(0, +))
        }
    }

    @Test func nothingToDoIsNoReport() throws {
        let world = ProjectedLog.inMemory()
        let store = try SQLiteStore.open(.shared, ":memory:")
        #expect(try world.projector(store).catchUp() == BatchReport())
        #expect(try store.positions().isEmpty && store.attempts().isEmpty)
    }

    /// Bytes that are no record, and a record of the other topic, park their lanes; everything else goes on.
    @Test(arguments: ProjectionName.allCases)
    func whatCannotBeReadIsParkedWithItsLane(_ projection: ProjectionName) throws {
        let world = ProjectedLog.inMemory()
        let history = HistoryGenerator.history(seed: 3, count: 60, kind: .mixed).records.map(\.record)
        let conversation = try #require(history.first { !$0.command.isPersonal }).conversation
        try world.append(history.prefix(20))
        let partition = TopicPartition(
            .conversationCommands, Partitioner.partition(of: conversation.value, count: 3))
        var batch = AppendBatch()
        batch.add(to: partition, key: conversation.value.bytes, value: [0xff, 0xff])
        let broken = try world.log.append(batch)[0].offset
        try world.append(history.suffix(40))
        let store = try SQLiteStore.open(projection, ":memory:")
        var parked: [Int64] = []
        let report = try world.projector(store) { event in
            if case .parked(let where_, let offset, _) = event, where_ == partition { parked.append(offset) }
        }.catchUp()
        let behind = try world.records().filter {
            !$0.record.command.isPersonal && $0.record.conversation == conversation && $0.offset > broken
        }
        #expect(!behind.isEmpty && report.parked == behind.count + 1 && parked == [broken])
        let found = try SQLiteStore.parked(in: SQLiteStore.database(of: store))
        #expect(found.map(\.offset) == [broken] + behind.map(\.offset))
        try world.require(store, "the rest differs from the model") { !behind.contains($0) }
    }

    // MARK: Leases

    @Test func aSecondProjectorStandsByAndTakesOver() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 5, count: 50).records.map(\.record))
            let holder = try SQLiteStore.open(.personal, "\(directory)/view.db")
            let partitions = holder.projection.topics.flatMap(world.log.partitionCounts.partitions(of:))
            _ = try holder.claim(partitions, owner: LeaseOwner(text: "holder"), leaseMicros: 3_600_000_000)
            let store = try SQLiteStore.open(.personal, "\(directory)/view.db")
            var standsBy = 0
            let second = world.projector(store, owner: LeaseOwner(text: "second")) { event in
                if case .standingBy = event { standsBy += 1 }
            }
            let error = #expect(throws: ProjectionError.self) { try second.catchUp(patience: .milliseconds(300)) }
            #expect(error?.code == .busy && error?.isRetriable == true && standsBy == 1)
            #expect(try store.positions().isEmpty)
            try holder.release(owner: LeaseOwner(text: "holder"))
            _ = try second.catchUp()
            try world.require(store, "who took over differs from the model")
        }
    }

    /// The first is so slow that its lease runs out in the middle of a batch; the second applies everything meanwhile.
    @Test func whoIsOvertakenAppliesNothingTwice() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 6, count: 60, kind: .mixed).records.map(\.record))
            let slow = MortalStore(try SQLiteStore.open(.shared, "\(directory)/view.db"))
            let quick = try SQLiteStore.open(.shared, "\(directory)/view.db")
            var overtakes = 0
            var failure: (any Error)?
            slow.diesBefore = { _ in
                guard overtakes == 0 else { return false }
                overtakes += 1
                Threads.sleep(millis: 20)
                do { _ = try world.projector(quick, owner: LeaseOwner(text: "quick")).catchUp() } catch {
                    failure = error
                }
                return false
            }
            var fenced = 0
            let first = world.projector(slow, owner: LeaseOwner(text: "slow"), leaseMicros: 5_000) { event in
                if case .fenced = event { fenced += 1 }
            }
            _ = try first.catchUp()
            #expect(failure == nil && overtakes == 1 && fenced == 1 && slow.applied == [])
            try world.require(quick, "the view differs from the model")
        }
    }

    @Test func twoRunningProjectorsLeaveTheModelsRows() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            let history = HistoryGenerator.history(seed: 8, count: 400, kind: .mixed).records.map(\.record)
            let stops = [StopFlag(), StopFlag()]
            let running = stops.enumerated().map { number, stop in
                Threads.start {
                    let store = try SQLiteStore.open(.personal, "\(directory)/view.db")
                    let owner = LeaseOwner(text: "owner \(number)")
                    try world.projector(store, owner: owner, leaseMicros: 20_000).run { stop.isRaised }
                }
            }
            for start in stride(from: 0, to: 300, by: 10) {
                try world.append(history[start..<start + 10])
                Threads.sleep(millis: 5)
            }
            stops[0].raise()
            try running[0].join()
            try world.append(history[300...])
            let store = try SQLiteStore.open(.personal, "\(directory)/view.db")
            let ends = try world.log.endOffsets().filter { $0.key.topic != .legacyWrites && $0.value > 0 }
            for _ in 0..<2_000 where try store.positions() != ends { Threads.sleep(millis: 10) }
            stops[1].raise()
            try running[1].join()
            try world.require(store, "the view of two projectors differs from the model")
        }
    }
}
