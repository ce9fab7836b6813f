import EventLog
import Messaging
import Projection
import Simulation
import Synchronization
import TestSupport
import Testing

/// A projector on its own thread: what may pass is tried again, what does not ends the group.
@Suite struct ProjectorThreadTests {
    @Test func anOutageIsTriedAgain() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 41, count: 60, kind: .mixed).records.map(\.record))
            let stop = StopFlag()
            let made = Atomic<Int>(0)
            let retries = Atomic<Int>(0)
            let thread = ProjectorThread(
                log: world.log, owner: LeaseOwner(text: "test"), stop: stop,
                makeStore: {
                    if made.add(1, ordering: .relaxed).newValue == 1 {
                        throw ProjectionError(.full, "no space is left", isRetriable: true)
                    }
                    return try SQLiteStore.open(.shared, "\(directory)/view.db")
                },
                observe: { if case .retrying = $0 { retries.add(1, ordering: .relaxed) } })
            thread.start()
            let ends = try world.log.endOffsets().filter { $0.key.topic == .conversationCommands && $0.value > 0 }
            for _ in 0..<2_000 where try positions(in: directory) != ends { Threads.sleep(millis: 10) }
            #expect(!stop.isRaised)
            stop.raise()
            try thread.join()
            #expect(retries.load(ordering: .relaxed) == 1)
            try world.require(try SQLiteStore.open(.shared, "\(directory)/view.db"), "the view differs from the model")
        }
    }

    /// Outages that have nothing to do with each other: each begins with the shortest pause.
    @Test func whoWorkedInBetweenIsTriedAgainAtOnce() throws {
        try withTemporaryDirectory { directory in
            let world = ProjectedLog.inMemory()
            try world.append(HistoryGenerator.history(seed: 42, count: 60, kind: .mixed).records.map(\.record))
            let stop = StopFlag()
            let pauses = Mutex<[Int]>([])
            var limits = ProjectorLimits()
            limits.batchRecords = 1
            let thread = ProjectorThread(
                log: world.log, owner: LeaseOwner(text: "test"), limits: limits, stop: stop,
                makeStore: { OneBatchStore(try SQLiteStore.open(.shared, "\(directory)/view.db")) },
                observe: {
                    guard case .retrying(_, let millis) = $0 else { return }
                    pauses.withLock { $0.append(millis) }
                    if pauses.withLock({ $0.count }) == 4 { stop.raise() }
                })
            thread.start()
            try thread.join()
            #expect(pauses.withLock { $0 } == [100, 100, 100, 100])
        }
    }

    private func positions(in directory: String) throws -> [TopicPartition: Int64] {
        try SQLiteStore.open(.shared, "\(directory)/view.db").positions()
    }

    @Test func whatDoesNotPassStopsTheGroupAndIsThrown() throws {
        let (world, stop) = (ProjectedLog.inMemory(), StopFlag())
        let thread = ProjectorThread(
            log: world.log, owner: LeaseOwner(text: "test"), stop: stop,
            makeStore: { throw ProjectionError(.corrupt, "damaged") }, observe: { _ in })
        thread.start()
        let error = #expect(throws: ProjectionError.self) { try thread.join() }
        #expect(error?.code == .corrupt && stop.isRaised)
    }
}

/// A store that is not reachable any more after a batch.
private final class OneBatchStore: ViewStore {
    private let store: any ViewStore
    private var batches = 0

    init(_ store: any ViewStore) { self.store = store }

    var projection: ProjectionName { store.projection }

    func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        try store.claim(partitions, owner: owner, leaseMicros: leaseMicros)
    }

    func release(owner: LeaseOwner) throws { try store.release(owner: owner) }
    func positions() throws -> [TopicPartition: Int64] { try store.positions() }
    func attempts() throws -> [Attempt] { try store.attempts() }

    func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        guard batches == 0 else { throw ProjectionError(.unreachable, "on purpose", isRetriable: true) }
        try store.begin(attempts, epochs: epochs)
    }

    func apply(_ batch: ProjectionBatch) throws -> BatchReport {
        batches += 1
        return try store.apply(batch)
    }
}
