import EventLog
import Glibc
import Messaging
import PersonalMetadata
import Postgres
import Projection
import SQLiteLog
import SharedContent
import Simulation
import TestSupport
import Testing
import ViewStorage

/// Several projectors of a view in PostgreSQL: each has its share, and none writes what another has taken.
@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresLeaseTests {
    private let partitions = (0..<8).map { TopicPartition(.conversationCommands, $0) }
    private let long: Int64 = 3_600_000_000

    @Test func partitionsAreSharedEvenlyAsProjectorsJoinLeaveAndDie() throws {
        try PostgresServer.shared().withDatabase { address in
            let stores = try (0..<3).map { _ in try PostgresStore.open(.shared, address) }
            let claim = { (index: Int, lease: Int64) in
                try stores[index].claim(partitions, owner: LeaseOwner(text: "p\(index)"), leaseMicros: lease)
            }
            #expect(try claim(0, long).count == 8)
            // The second gets nothing before the first gives up its excess.
            #expect(try claim(1, long).isEmpty)
            #expect(try claim(0, long).count == 4)
            #expect(try claim(1, long).count == 4)
            #expect(try claim(2, 200_000).isEmpty)
            let shares = try (0..<2).map { try claim($0, long) }
            #expect(shares.map(\.count) == [3, 3])
            let third = try claim(2, 200_000)
            #expect(third.count == 2 && Set(third.keys).isDisjoint(with: shares.flatMap(\.keys)))
            // The third dies: once its lease is over the others take what it had.
            Threads.sleep(millis: 300)
            let after = try [0, 1, 0, 1].map { try claim($0, long) }
            #expect(after.suffix(2).map(\.count) == [4, 4])
            #expect(after.suffix(2).allSatisfy { $0.allSatisfy { $1 > third[$0] ?? 0 } })
            try stores[0].release(owner: LeaseOwner(text: "p0"))
            #expect(try claim(1, long).count == 8)
        }
    }

    /// Projectors of the same view at the same time, each with its share, on threads of their own.
    @Test(arguments: ProjectionName.allCases)
    func projectorsSideBySideGiveTheModelsRows(_ projection: ProjectionName) throws {
        try PostgresServer.shared().withDatabase { address in
            let world = ProjectedLog.inMemory()
            let history = HistoryGenerator.history(seed: 31, count: 600, kind: .mixed).records.map(\.record)
            try world.append(history.prefix(200))
            // Made before, so that they need not wait for each other.
            _ = try PostgresStore.open(projection, address)
            let stop = StopFlag()
            let threads = (0..<3).map { number in
                Threads.start {
                    let store = try PostgresStore.open(projection, address)
                    let projector = world.projector(store, owner: LeaseOwner(text: "side \(number)"), batchRecords: 5)
                    try projector.run { stop.isRaised }
                }
            }
            defer { stop.raise() }
            for start in stride(from: 200, to: history.count, by: 40) {
                try world.append(history[start...].prefix(40))
                Threads.sleep(millis: 30)
            }
            let store = try PostgresStore.open(projection, address)
            let ends = try world.log.endOffsets().filter { projection.topics.contains($0.key.topic) && $0.value > 0 }
            for _ in 0..<3_000 where try store.positions() != ends { Threads.sleep(millis: 10) }
            stop.raise()
            for thread in threads { try thread.join() }
            try world.require(store, "projectors side by side differ from the model")
        }
    }

    /// An owner that is stopped while its transaction is open holds locks; who takes over ends its connection.
    @Test(arguments: ProjectionName.allCases)
    func anOwnerStoppedInTheMiddleOfABatchIsOvertakenAndItsWriteRefused(_ projection: ProjectionName) throws {
        try PostgresServer.shared().withDatabase { address in
            let records = HistoryGenerator.history(seed: 32, count: 60, kind: .mixed).records.filter {
                projection == .personal || !$0.record.command.isPersonal
            }
            let all = projection.topics.flatMap { topic in (0..<3).map { TopicPartition(topic, $0) } }
            let (stopped, next) = (
                try PostgresStore.open(projection, address), try PostgresStore.open(projection, address)
            )
            let database = try #require(PostgresStore.database(of: stopped))
            var batch = ProjectionBatch()
            for logged in records {
                let partition = logged.topicPartition
                batch.moves[partition] = .init(
                    from: batch.moves[partition]?.from ?? logged.offset, to: logged.offset + 1)
                batch.items.append(.record(logged))
            }
            batch.epochs = try stopped.claim(all, owner: LeaseOwner(text: "stopped"), leaseMicros: 1_000_000)
            let error = #expect(throws: ProjectionError.self) {
                try database.apply(batch) { transaction, _, _ in
                    // As if SIGSTOP came here: the lease runs out, another claims and applies.
                    Threads.sleep(millis: 1_100)
                    batch.epochs = try next.claim(all, owner: LeaseOwner(text: "next"), leaseMicros: long)
                    #expect(batch.epochs.count == all.count)
                    _ = try next.apply(batch)
                    transaction.sink.add(PostgresRequest("DELETE FROM judged"))
                }
            }
            #expect(error?.code == .fenced)
            let model = ReferenceModel(records)
            let layouts = projection == .shared ? ViewLayouts.shared : ViewLayouts.personal
            let expected = projection == .shared ? model.sharedRows : model.personalRows
            #expect(try ViewRows(next, layouts) == expected)
        }
    }

    /// A real process, really stopped between the start of a batch and its transaction.
    @Test(arguments: ProjectionName.allCases)
    func aProcessStoppedPastItsLeaseWritesNothingWhenItGoesOn(_ projection: ProjectionName) throws {
        let server = try PostgresServer.shared()
        try withTemporaryDirectory { directory in
            let name = try server.makeDatabase()
            defer { server.dropDatabase(name) }
            let log = try SQLiteLog(directory: "\(directory)/log")
            defer { log.close() }
            let world = ProjectedLog(log)
            try world.append(HistoryGenerator.history(seed: 33, count: 200, kind: .mixed).records.map(\.record))
            let shared = try world.records().filter { !$0.record.command.isPersonal }
            let chosen = shared[shared.count / 2]
            let child = try ChildProcess(
                "projector-process",
                [
                    "project", "\(directory)/log", server.url(name), projection.rawValue, "\(chosen.partition)",
                    "\(chosen.offset)", "stop",
                ])
            try require(child.readLine() == "stopping", "the process did not come to the record")
            Threads.sleep(millis: 1_200)
            let store = try PostgresStore.open(projection, server.address(name))
            _ = try world.projector(store, owner: LeaseOwner(text: "next"), batchRecords: 50).catchUp()
            try world.require(store, "who took over differs from the model")
            let before = try PostgresStore.dump(store)
            child.send(SIGCONT)
            try require(child.readLine() == "fenced", "the process that went on was not refused")
            try require(child.wait() == 0, "the process that went on did not end well")
            #expect(try PostgresStore.dump(store) == before)
        }
    }
}
