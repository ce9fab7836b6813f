public import ContentProtection
public import EventLog
import Glibc
import Messaging

/// The thin shell around ``LaneScheduler``: reads `legacy-writes`, translates, appends, stores.
///
/// Every legacy write at or before the stored position is applied, parked or skipped. Whatever ends the process, the
/// next run goes on from there; what is applied again carries the same command ids. While the log or the store is away
/// it waits.
/// Threads: one, which may block.
public final class Replicator {
    public struct Settings: Sendable {
        public var lanes = LaneSettings()
        /// Seeds the jitter.
        public var seed: UInt64
        /// How often requests of operators are looked for, and the position is stored, in milliseconds.
        public var pollMillis: Int64 = 200
        /// Records that one thread translates and seals in one go, over several lanes.
        public var recordsPerSlice = 1_024
        /// Threads that translate and seal.
        public var threads = 2
        /// Bytes of records in hand; above it nothing is read.
        public var unsettledBytes = 256 << 20

        public init(seed: UInt64) {
            self.seed = seed
            lanes.concurrentLanes = 512
            lanes.concurrentRetries = 128
        }
    }

    let log: any EventLog
    let store: any ReplicationStore
    let settings: Settings
    private let records: LegacyRecords
    private let attempts: LaneAttempts
    private let clock: LogClock
    private let observe: (ReplicationNotice) -> Void
    private var scheduler: LaneScheduler
    private var next: [TopicPartition: Int64] = [:]
    private var payloads = PayloadsInHand()
    private var requests = OpenRequests()
    private var standing = ReplicationStanding(intake: "open", outageSinceMillis: nil)
    private var storedStanding: ReplicationStanding?
    private var storedReport = ReplicationReport()
    private var lastSaveMillis: Int64 = 0
    private var isLogAway = false
    private var shouldStop: () -> Bool = { false }
    public private(set) var report = ReplicationReport()

    /// - Throws: `ReplicationError`, `LogError`, `ContentProtectionError`.
    public init(
        log: any EventLog, store: any ReplicationStore, keys: any KeyService, records: LegacyRecords,
        settings: Settings, clock: LogClock = .system, observe: @escaping (ReplicationNotice) -> Void
    ) throws {
        self.log = log
        self.store = store
        self.settings = settings
        self.records = records
        self.clock = clock
        self.observe = observe
        attempts = try LaneAttempts(log: log, keys: keys, records: records, threads: settings.threads)
        let stored = try store.load()
        scheduler = LaneScheduler(
            settings: settings.lanes, stored: stored, generator: JitterGenerator(seed: settings.seed))
        for partition in 0..<log.partitionCounts.legacyWrites {
            let key = TopicPartition(.legacyWrites, partition)
            next[key] = try stored.positions[key] ?? log.startOffset(of: key)
        }
    }

    /// Replicates until told to stop, or with `once` until everything up to the log's present end is applied or parked.
    /// - Throws: `ReplicationError`, `LogError` that are not to be tried again; what is stored by then stays.
    public func run(once: Bool, shouldStop: @escaping () -> Bool) throws {
        self.shouldStop = shouldStop
        let ends = once ? try log.endOffsets().filter { $0.key.topic == .legacyWrites } : nil
        while !shouldStop() {
            let found = try patiently { try store.requests(after: requests.last, limit: requests.room) }
            try carryOut(requests.take(found, nowMillis: nowMillis, &scheduler))
            let hasRead = try readMore(upTo: ends)
            if !hasRead { try carryOut(scheduler.step(.tick, nowMillis: nowMillis)) }
            try save(always: !found.isEmpty || scheduler.unsettled == 0)
            if let ends, isDone(ends) { break }
            if !hasRead, found.isEmpty { try pause(until: ends) }
        }
        try save(always: true)
    }

    private func isDone(_ ends: [TopicPartition: Int64]) -> Bool {
        scheduler.isIdle && scheduler.unsettled == 0 && ends.allSatisfy { (next[$0.key] ?? 0) >= $0.value }
    }

    private var nowMillis: Int64 { clock.nowMicros() / 1_000 }

    // MARK: - Reading

    /// - Returns: whether there was something.
    private func readMore(upTo ends: [TopicPartition: Int64]?) throws -> Bool {
        var room = payloads.bytes < settings.unsettledBytes ? scheduler.allowance : 0
        var arrived: [LaneRecord] = []
        for partition in next.keys.sorted() where room > 0 {
            let offset = next[partition]!
            if let end = ends?[partition], offset >= end { continue }
            guard let batch = try readBatch(partition, offset, room, isOnce: ends != nil) else { break }
            batch.forEachRecord { record in
                let position = Position(partition, record.offset)
                let payload = Payload(
                    key: Array(record.key), value: Array(record.value), appendMicros: record.appendTime)
                payloads[position] = payload
                arrived.append(
                    LaneRecord(lane: records.lane(key: payload.key, value: payload.value), position: position))
            }
            next[partition] = batch.nextOffset
            room -= batch.count
        }
        guard !arrived.isEmpty else { return false }
        report.read += arrived.count
        try carryOut(scheduler.step(.arrived(arrived), nowMillis: nowMillis))
        return true
    }

    /// - Returns: `nil` while the log is away.
    private func readBatch(
        _ partition: TopicPartition, _ offset: Int64, _ room: Int, isOnce: Bool
    ) throws -> LogBatch? {
        do {
            let batch = try log.read(partition, from: offset, maxRecords: min(room, 4_096), maxBytes: 8 << 20)
            if isLogAway { observe(.logIsBack) }
            isLogAway = false
            return batch
        } catch let error as LogError where error.isRetriable && !isOnce {
            noteLogAway(error)
            return nil
        }
    }

    private func noteLogAway(_ error: LogError) {
        if !isLogAway { observe(.logIsAway(error.message)) }
        isLogAway = true
    }

    private func pause(until ends: [TopicPartition: Int64]?) throws {
        var wait = settings.pollMillis
        if let wake = scheduler.nextWakeMillis { wait = min(wait, max(1, wake - nowMillis)) }
        guard ends == nil, scheduler.allowance > 0, !isLogAway else {
            usleep(UInt32(wait) * 1_000)
            return
        }
        do { _ = try log.waitForRecords(past: next, timeoutMillis: Int(wait)) } catch let error as LogError
            where error.isRetriable
        { noteLogAway(error) }
    }

    // MARK: - Attempts

    /// Carries out what an event leads to, until nothing is left to run.
    ///
    /// While one slice is appended the next ones are prepared; a lane is never in two of them, because it runs until its
    /// attempt is finished.
    private func carryOut(_ effects: [LaneScheduler.Effect]) throws {
        var runs = note(effects)[...]
        while true {
            while !runs.isEmpty, attempts.hasRoom, !shouldStop() {
                attempts.give(try load(takeSlice(&runs)))
            }
            if attempts.isEmpty { return }
            try patiently { try store.renew() }
            for run in try attempts.take(report: &report) {
                for position in run.positions.prefix(run.applied) { payloads[position] = nil }
                runs += note(
                    scheduler.step(
                        .finished(run.lane, applied: run.applied, failure: run.failure), nowMillis: nowMillis))
            }
            try save(always: false)
        }
    }

    /// Tells what is to be told, and gives what is to be run.
    private func note(_ effects: [LaneScheduler.Effect]) -> [LaneRun] {
        var runs: [LaneRun] = []
        for effect in effects {
            switch effect {
            case .run(let lane, let positions): runs.append(LaneRun(lane: lane, positions: positions))
            case .intake(let intake):
                standing.intake = intake.name
                observe(.intake(intake))
            case .died(let lane, let failure): observe(.laneDied(lane, failure))
            case .outageBegan:
                standing.outageSinceMillis = nowMillis
                observe(.outageBegan)
            case .outageEnded:
                standing.outageSinceMillis = nil
                observe(.outageEnded)
            case .refused(let lane, let why): observe(.refused(lane, why))
            }
        }
        return runs
    }

    /// As many runs as one slice may have records; at least one.
    private func takeSlice(_ runs: inout ArraySlice<LaneRun>) -> [LaneRun] {
        var slice: [LaneRun] = []
        var records = 0
        repeat {
            let run = runs.removeFirst()
            records += run.positions.count
            slice.append(run)
        } while !runs.isEmpty && records + runs[runs.startIndex].positions.count <= settings.recordsPerSlice
        return slice
    }

    /// Gives the runs their records: those in hand, and the rest from the store in one query.
    private func load(_ runs: [LaneRun]) throws -> [LaneRun] {
        var runs = runs
        var missing: [LaneRecord] = []
        for index in runs.indices {
            runs[index].records.reserveCapacity(runs[index].positions.count)
            for position in runs[index].positions {
                let payload = payloads[position]
                if payload == nil { missing.append(LaneRecord(lane: runs[index].lane, position: position)) }
                runs[index].records.append(payload ?? .missing)
            }
        }
        guard !missing.isEmpty else { return runs }
        var stored = try patiently { try store.payloads(of: missing) }[...]
        for index in runs.indices {
            for place in runs[index].positions.indices where payloads[runs[index].positions[place]] == nil {
                runs[index].records[place] = stored.removeFirst()
            }
        }
        return runs
    }

    // MARK: - The store

    private func save(always: Bool) throws {
        let now = nowMillis
        guard always || now - lastSaveMillis >= settings.pollMillis else { return }
        lastSaveMillis = now
        var step = ReplicationStep()
        step.changes = scheduler.takeChanges()
        step.handled = requests.takeHandled(scheduler)
        step.counts = report.counts(since: storedReport)
        step.standing = standing == storedStanding ? nil : standing
        try patiently { try store.save(step) { payloads[$0] } }
        storedStanding = standing
        storedReport = report
        for record in step.changes.parked { payloads[record.position] = nil }
        if scheduler.unsettled == 0 { payloads.removeAll() }
        report.parked = scheduler.parkedInAll
    }

    /// Runs `body` again while the store is away. Nothing else can be done meanwhile: nothing could be remembered.
    private func patiently<Result>(_ body: () throws -> Result) throws -> Result {
        var isAway = false
        while true {
            do {
                let result = try body()
                if isAway { observe(.storeIsBack) }
                return result
            } catch let error as ReplicationError where error.isRetriable && !shouldStop() {
                if !isAway { observe(.storeIsAway(error.message)) }
                isAway = true
            }
            usleep(UInt32(settings.pollMillis) * 1_000)
        }
    }
}

extension Payload {
    /// Stands in until the store has given the bytes.
    fileprivate static let missing = Payload(key: [], value: [], appendMicros: 0)
}
