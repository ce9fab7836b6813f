import EventLog
import Messaging
import Projection
import Simulation
import TestSupport
import Testing

/// Projectors that die: their successors go on, and what kills them again and again is parked.
@Suite struct ProjectorDeathTests {
    /// One life after another on the same view, each with another store and owner, until one catches up.
    /// - Returns: how many died.
    private func live(
        _ world: ProjectedLog, on path: String, _ projection: ProjectionName, batchRecords: Int = 7,
        suspectRecords: Int = 512, observe: @escaping (Projector.Event) -> Void = { _ in },
        _ prepare: (MortalStore) -> Void
    ) throws -> Int {
        for deaths in 0..<200 {
            let store = MortalStore(try SQLiteStore.open(projection, path))
            prepare(store)
            let owner = LeaseOwner(text: SQLiteStore.deadOwner.text + "\(deaths)")
            do {
                let projector = world.projector(
                    store, owner: owner, batchRecords: batchRecords, suspectRecords: suspectRecords, observe: observe)
                _ = try projector.catchUp()
                return deaths
            } catch is MortalStore.Death {}
        }
        throw TestFailure("projectors die without end")
    }

    @Test(arguments: ProjectionName.allCases)
    func whatKillsThreeTimesAloneIsParkedWithItsLane(_ projection: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 12, count: 120, kind: .mixed).records.map(\.record))
            let shared = try world.records().filter { !$0.record.command.isPersonal }
            let killer = shared[shared.count / 2]
            var (parked, alone, before): ([Int64], Int, Int) = ([], 0, 0)
            let deaths = try live(
                world, on: "\(directory)/view.db", projection,
                observe: { if case .parked(_, let offset, _) = $0 { parked.append(offset) } },
                { store in
                    store.diesBefore = { batch in
                        guard batch.applies(killer) else { return false }
                        if batch.items.count == 1 { alone += 1 } else { before += 1 }
                        return true
                    }
                })
            #expect(alone == 3 && before == 1 && deaths == 4 && parked == [killer.offset])
            let store = try SQLiteStore.open(projection, "\(directory)/view.db")
            let lane = shared.filter {
                $0.record.conversation == killer.record.conversation && $0.offset >= killer.offset
            }
            let found = try SQLiteStore.parked(in: SQLiteStore.database(of: store))
            #expect(found.map(\.offset) == lane.map(\.offset) && lane.count > 1)
            #expect(found.first?.reason.contains("died") == true)
            #expect(try store.attempts().isEmpty)
            try world.require(store, "the rest differs from the model") { !lane.contains($0) }
        }
    }

    @Test func whatKillsTwiceAloneAndThenGoesIsApplied() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 12, count: 120, kind: .mixed).records.map(\.record))
            let shared = try world.records().filter { !$0.record.command.isPersonal }
            let killer = shared[shared.count / 2]
            var alone = 0
            let deaths = try live(world, on: "\(directory)/view.db", .shared) { store in
                store.diesBefore = { batch in
                    guard batch.applies(killer) else { return false }
                    if batch.items.count == 1 { alone += 1 }
                    return alone < 3
                }
            }
            #expect(deaths == 3)
            try world.require(try SQLiteStore.open(.shared, "\(directory)/view.db"), "the view differs from the model")
        }
    }

    /// What was being applied is looked into record by record; what came before and after it is not.
    @Test func afterADeathOnlyItsBatchIsAppliedOneByOne() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 4, count: 90, kind: .mixed).records.map(\.record))
            var stores: [MortalStore] = []
            _ = try live(world, on: "\(directory)/view.db", .shared) { store in
                let isFirst = stores.isEmpty
                stores.append(store)
                store.diesBefore = { _ in isFirst && store.applied.count == 2 }
            }
            let sizes = stores[1].applied
            #expect(stores.count == 2 && sizes.prefix(4) == [1, 1, 1, 1] && sizes.contains { $0 > 1 })
            #expect(sizes.lastIndex(of: 1).map { $0 < 12 } == true)
        }
    }

    /// A long range costs its successor few transactions; what ends it there as well is looked into one by one.
    @Test func afterADeathALongBatchIsAppliedInSmallOnes() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 4, count: 200, kind: .mixed).records.map(\.record))
            let shared = try world.records().filter { !$0.record.command.isPersonal }
            let killer = shared[shared.count / 2]
            var stores: [MortalStore] = []
            var parked: [Int64] = []
            let deaths = try live(
                world, on: "\(directory)/view.db", .shared, batchRecords: 1_000, suspectRecords: 8,
                observe: { if case .parked(_, let offset, _) = $0 { parked.append(offset) } },
                { store in
                    stores.append(store)
                    store.diesBefore = { $0.applies(killer) }
                })
            #expect(deaths == 5 && parked == [killer.offset])
            let small = stores[1].applied
            #expect(small.count > 1 && small.allSatisfy { 1...8 ~= $0 } && small.contains { $0 > 1 })
            #expect(stores[2].applied.allSatisfy { $0 == 1 } && stores[2].applied.count < 8)
            let store = try SQLiteStore.open(.shared, "\(directory)/view.db")
            try world.require(store, "the rest differs from the model") {
                $0.record.conversation != killer.record.conversation || $0.offset < killer.offset
                    || $0.record.command.isPersonal
            }
        }
    }

    @Test(arguments: ProjectionName.allCases)
    func deathsAnywhereLeaveTheModelsRows(_ projection: ProjectionName) throws {
        try Rounds.run(15, first: 9_000_000) { seed in
            try withTemporaryDirectory { directory in
                var dice = Dice(seed: seed)
                let world = ProjectedLog.inMemory()
                let history = HistoryGenerator.history(seed: seed, count: 80)
                try world.append(history.records.map(\.record))
                var chances: [[String]: Int] = [:]
                let deaths = try live(
                    world, on: "\(directory)/view.db", projection, batchRecords: 20, suspectRecords: 3
                ) { store in
                    store.diesBefore = { batch in
                        // Twice at one place at most: three times would park it.
                        let place = batch.moves.map { "\($0.key)@\($0.value.from)" }.sorted()
                        guard chances[place, default: 0] < 2, dice.chance(1, in: 8) else { return false }
                        chances[place, default: 0] += 1
                        return true
                    }
                    store.diesAfter = { _ in dice.chance(1, in: 10) }
                }
                let store = try SQLiteStore.open(projection, "\(directory)/view.db")
                try world.require(store, "after \(deaths) deaths the view differs from the model")
                try require(try SQLiteStore.parked(in: SQLiteStore.database(of: store)).isEmpty, "something is parked")
            }
        }
    }

    /// An attempt on records that the log does not have: the log was cut or exchanged, and that is said.
    @Test func anAttemptBeyondTheLogsEndIsAnErrorOfTheLog() throws {
        let world = ProjectedLog.inMemory()
        try world.append(HistoryGenerator.history(seed: 4, count: 20, kind: .mixed).records.map(\.record))
        let store = try SQLiteStore.open(.shared, ":memory:")
        let partition = TopicPartition(.conversationCommands, 0)
        let epochs = try store.claim([partition], owner: LeaseOwner(text: "test"), leaseMicros: 1_000_000)
        try store.begin([Attempt(partition: partition, from: 0, until: 1_000, deaths: 0)], epochs: epochs)
        let error = #expect(throws: ProjectionError.self) { try world.projector(store).catchUp() }
        #expect(error?.code == .log && error?.message.contains("conversation-commands/0") == true)
    }

    @Test func aLogThatForgotWhatTheViewNeedsIsAnErrorAndNoJump() throws {
        let log = InMemoryLog(partitionCounts: PartitionCounts(conversationCommands: 1, memberCommands: 1))
        let world = ProjectedLog(log)
        try world.append(HistoryGenerator.history(seed: 4, count: 40, kind: .mixed).records.map(\.record))
        try log.dropRecords(of: TopicPartition(.conversationCommands, 0), before: 5)
        let store = try SQLiteStore.open(.shared, ":memory:")
        let error = #expect(throws: LogError.self) { try world.projector(store).catchUp() }
        #expect(error?.code == .offsetOutOfRange)
        #expect(try store.positions().isEmpty)
    }
}
