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
            lanes.concurrentLanes = 2_048
            lanes.concurrentRetries = 128
        }
    }

    private let log: any EventLog
    private let store: any ReplicationStore
    private let settings: Settings
    private let attempts: LaneAttempts
    private let clock: LogClock
    private let observe: (ReplicationNotice) -> Void
    private var intake: LegacyIntake
    private var scheduler: LaneScheduler
    private var ready = ReadyRuns()
    private var payloads = PayloadsInHand()
    private var requests = OpenRequests()
    private var standing = ReplicationStanding(intake: "open", outageSinceMillis: nil)
    private var storedStanding: ReplicationStanding?
    private var storedReport = ReplicationReport()
    private var lastSaveMillis: Int64 = 0
    private var lastAskedMillis: Int64 = 0
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
        self.clock = clock
        self.observe = observe
        attempts = try LaneAttempts(log: log, keys: keys, records: records, threads: settings.threads)
        let stored = try store.load()
        scheduler = LaneScheduler(
            settings: settings.lanes, stored: stored, generator: JitterGenerator(seed: settings.seed))
        intake = try LegacyIntake(log: log, records: records, from: stored.positions, observe: observe)
    }

    /// Replicates until told to stop, or with `once` until everything up to the log's present end is applied or parked.
    ///
    /// Reading, preparing, appending and storing go on side by side: a round does whatever can be done of them now.
    /// - Throws: `ReplicationError`, `LogError` that are not to be tried again; what is stored by then stays.
    public func run(once: Bool, shouldStop: @escaping () -> Bool) throws {
        self.shouldStop = shouldStop
        let ends = once ? try log.endOffsets().filter { $0.key.topic == .legacyWrites } : nil
        while !shouldStop() {
            let isAsked = try takeRequests()
            let hasRead = try readMore(upTo: ends)
            if !hasRead { note(scheduler.step(.tick, nowMillis: nowMillis)) }
            try giveReady()
            let hasMoved = try moveOn()
            try giveReady()
            try save(always: isAsked)
            if let ends, !isAsked, isDone(ends) { break }
            if !isAsked && !hasRead && !hasMoved { try pause(until: ends) }
        }
        while !attempts.isEmpty {
            if try !moveOn() { attempts.wait(millis: settings.pollMillis) }
        }
        try save(always: true)
    }

    private func isDone(_ ends: [TopicPartition: Int64]) -> Bool {
        scheduler.isIdle && scheduler.unsettled == 0 && intake.hasReached(ends)
    }

    private var nowMillis: Int64 { clock.nowMicros() / 1_000 }

    /// A clock that was set back delays nothing.
    private func isDue(_ last: Int64, _ now: Int64) -> Bool { now < last || now - last >= settings.pollMillis }

    // MARK: - What comes in

    /// Looks for requests of operators when it is time.
    /// - Returns: whether there were some, and so may be more.
    private func takeRequests() throws -> Bool {
        let now = nowMillis
        guard isDue(lastAskedMillis, now) else { return false }
        let found = try patiently { try store.requests(after: requests.last, limit: requests.room) }
        if found.isEmpty { lastAskedMillis = now }
        note(requests.take(found, nowMillis: now, &scheduler))
        return !found.isEmpty
    }

    /// - Returns: whether there was something.
    private func readMore(upTo ends: [TopicPartition: Int64]?) throws -> Bool {
        let allowance = payloads.bytes < settings.unsettledBytes ? scheduler.allowance : 0
        // Many small reads cost more than to wait until there is room for a large one.
        guard allowance >= settings.recordsPerSlice || attempts.isEmpty && ready.isEmpty else { return false }
        let most = min(allowance, settings.recordsPerSlice)
        let arrived = try intake.read(upTo: ends, atMost: most, into: &payloads)
        guard !arrived.isEmpty else { return false }
        report.read += arrived.count
        note(scheduler.step(.arrived(arrived), nowMillis: nowMillis))
        return true
    }

    /// Waits for whatever comes first: an attempt's end, a time, a record.
    private func pause(until ends: [TopicPartition: Int64]?) throws {
        let now = nowMillis
        var wait = min(settings.pollMillis, max(1, lastSaveMillis + settings.pollMillis - now))
        if !attempts.isEmpty { return attempts.wait(millis: wait) }
        if let wake = scheduler.nextWakeMillis { wait = min(wait, max(1, wake - now)) }
        guard ends == nil, scheduler.allowance > 0, !intake.isLogAway else {
            usleep(UInt32(wait) * 1_000)
            return
        }
        try intake.wait(millis: wait)
    }

    // MARK: - Attempts

    /// Gives runs to threads that would wait for them otherwise.
    private func giveReady() throws {
        guard !ready.isEmpty else { return }
        for _ in 0..<attempts.room where !ready.isEmpty && !shouldStop() {
            attempts.give(try load(ready.takeSlice(records: settings.recordsPerSlice)))
        }
    }

    /// Lets what is prepared be appended, and tells the scheduler what is through.
    /// - Returns: whether there was any.
    private func moveOn() throws -> Bool {
        guard !attempts.isEmpty else { return false }
        if attempts.mayAppend {
            try patiently { try store.renew() }
            attempts.append()
        }
        let runs = try attempts.take(report: &report)
        for run in runs {
            for position in run.positions.prefix(run.applied) { payloads[position] = nil }
            note(
                scheduler.step(
                    .finished(run.lane, applied: run.applied, failure: run.failure), nowMillis: nowMillis))
        }
        return !runs.isEmpty
    }

    /// Tells what is to be told, and keeps what is to be run.
    private func note(_ effects: [LaneScheduler.Effect]) {
        for effect in effects {
            switch effect {
            case .run(let lane, let positions): ready.append(LaneRun(lane: lane, positions: positions))
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
        guard always || isDue(lastSaveMillis, now) else { return }
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
