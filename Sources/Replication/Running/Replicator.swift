public import ContentProtection
public import EventLog
import Glibc
public import LegacyMailbox
public import Messaging

/// What the replicator tells while it works.
public enum ReplicationNotice: Sendable, Equatable {
    case intake(LaneScheduler.Intake)
    case laneDied(ConversationID, LaneFailure)
    case outageBegan
    case outageEnded
    case refused(ConversationID, String)
}

/// What a run did.
public struct ReplicationReport: Sendable, Equatable {
    /// Legacy writes read, those read again after a restart too.
    public var read = 0
    /// Legacy writes applied, repetitions too.
    public var applied = 0
    /// Commands appended.
    public var commands = 0
    /// Attempts that failed, by class.
    public var failures: [LaneFailure.Class: Int] = [:]
    /// Commands by the converter that made them.
    public var converters: [String: Int] = [:]
    /// Parked records now.
    public var parked = 0
}

/// The thin shell around ``LaneScheduler``: reads `legacy-writes`, translates, appends, stores.
///
/// Every legacy write at or before the stored position is applied, parked or skipped. Whatever ends the process, the
/// next run goes on from there; what is applied again carries the same command ids.
/// Threads: one, which may block.
public final class Replicator {
    public struct Settings: Sendable {
        public var lanes = LaneSettings()
        /// Of the deployment, for all ids.
        public var namespace: Identifier
        /// Seeds the jitter.
        public var seed: UInt64
        /// How often requests of operators are looked for, and the position is stored, in milliseconds.
        public var pollMillis: Int64 = 200

        public init(namespace: Identifier, seed: UInt64) {
            self.namespace = namespace
            self.seed = seed
            lanes.concurrentLanes = 512
            lanes.concurrentRetries = 128
        }
    }

    let log: any EventLog
    let store: ReplicationStore
    let settings: Settings
    let attempts: LaneAttempts
    private let clock: LogClock
    private let observe: (ReplicationNotice) -> Void
    private var scheduler: LaneScheduler
    private var next: [TopicPartition: Int64] = [:]
    /// Bytes of records in hand that the store does not have.
    private var payloads: [Position: Payload] = [:]
    private var lastSaveMillis: Int64 = 0
    public private(set) var report = ReplicationReport()

    /// - Throws: `ReplicationError`, `LogError`, `ContentProtectionError`.
    public init(
        log: any EventLog, store: ReplicationStore, keys: any KeyService, format: any LegacyFormat,
        translator: Translator = Translator(), settings: Settings, clock: LogClock = .system,
        observe: @escaping (ReplicationNotice) -> Void
    ) throws {
        self.log = log
        self.store = store
        self.settings = settings
        self.clock = clock
        self.observe = observe
        attempts = try LaneAttempts(
            log: log, keys: keys, format: format, translator: translator,
            identifiers: LegacyIdentifiers(namespace: settings.namespace))
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
    public func run(once: Bool, shouldStop: () -> Bool) throws {
        let ends = once ? try log.endOffsets().filter { $0.key.topic == .legacyWrites } : nil
        while !shouldStop() {
            let requests = try store.requests()
            for request in requests {
                try take(request.skipsHead ? .skipHead(request.lane) : .redrive(request.lane))
            }
            let hasRead = try readMore(upTo: ends)
            if !hasRead { try take(.tick) }
            try save(handled: requests)
            if let ends, isDone(ends) { break }
            if !hasRead, requests.isEmpty { try pause(until: ends) }
        }
        try save(handled: [], always: true)
    }

    private func isDone(_ ends: [TopicPartition: Int64]) -> Bool {
        scheduler.isIdle && scheduler.unsettled == 0 && ends.allSatisfy { (next[$0.key] ?? 0) >= $0.value }
    }

    private var nowMillis: Int64 { clock.nowMicros() / 1_000 }

    /// - Returns: whether there was something.
    private func readMore(upTo ends: [TopicPartition: Int64]?) throws -> Bool {
        var room = scheduler.allowance
        var records: [LaneRecord] = []
        for partition in next.keys.sorted() where room > 0 {
            let offset = next[partition]!
            if let end = ends?[partition], offset >= end { continue }
            let batch = try log.read(partition, from: offset, maxRecords: min(room, 1_000), maxBytes: 8 << 20)
            batch.forEachRecord { record in
                let position = Position(partition, record.offset)
                let payload = Payload(
                    key: Array(record.key), value: Array(record.value), appendMicros: record.appendTime)
                payloads[position] = payload
                records.append(LaneRecord(lane: attempts.lane(ofKey: payload.key), position: position))
            }
            next[partition] = batch.nextOffset
            room -= batch.count
        }
        guard !records.isEmpty else { return false }
        report.read += records.count
        try take(.arrived(records))
        return true
    }

    /// Carries out what an event leads to, until nothing is left to run.
    private func take(_ event: LaneScheduler.Event) throws {
        var effects = scheduler.step(event, nowMillis: nowMillis)
        while !effects.isEmpty {
            var runs: [LaneRun] = []
            for effect in effects {
                switch effect {
                case .run(let lane, let positions): runs.append(try load(lane, positions))
                case .intake(let intake): observe(.intake(intake))
                case .died(let lane, let failure): observe(.laneDied(lane, failure))
                case .outageBegan: observe(.outageBegan)
                case .outageEnded: observe(.outageEnded)
                case .refused(let lane, let why): observe(.refused(lane, why))
                }
            }
            effects = []
            for run in try attempts.attempt(runs, nowMicros: clock.nowMicros(), report: &report) {
                for position in run.positions.prefix(run.applied) { payloads[position] = nil }
                effects += scheduler.step(
                    .finished(run.lane, applied: run.applied, failure: run.failure), nowMillis: nowMillis)
            }
        }
    }

    private func load(_ lane: ConversationID, _ positions: [Position]) throws -> LaneRun {
        let records = try positions.map { position in
            if let payload = payloads[position] { return payload }
            guard let payload = try store.payload(at: position) else {
                throw ReplicationError(
                    .store, "the parked record \(position) is missing in the replicator's store: restore it")
            }
            return payload
        }
        return LaneRun(lane: lane, positions: positions, records: records)
    }

    private func save(handled requests: [LaneRequest], always: Bool = false) throws {
        let now = nowMillis
        guard always || !requests.isEmpty || now - lastSaveMillis >= settings.pollMillis || scheduler.unsettled == 0
        else { return }
        lastSaveMillis = now
        let changes = scheduler.takeChanges()
        try store.save(changes, handled: requests) { payloads[$0] }
        for record in changes.parked { payloads[record.position] = nil }
        if scheduler.unsettled == 0 { payloads.removeAll(keepingCapacity: true) }
        report.parked = scheduler.parkedInAll
    }

    private func pause(until ends: [TopicPartition: Int64]?) throws {
        var wait = settings.pollMillis
        if let wake = scheduler.nextWakeMillis { wait = min(wait, max(1, wake - nowMillis)) }
        if ends == nil, scheduler.allowance > 0 {
            _ = try log.waitForRecords(past: next, timeoutMillis: Int(wait))
        } else {
            usleep(UInt32(wait) * 1_000)
        }
    }
}
