public import EventLog
public import Messaging

/// Decides which legacy writes are attempted when: the retrying consumer's core (DESIGN section 3, decision 8).
///
/// One lane per conversation. Lanes run at the same time, up to a limit; within one, records are attempted in order, and
/// what follows a failed record waits behind it. A lane that fails is parked: its records go to the store, and the
/// position passes them. In an outage, told by most lanes failing at once, nothing is parked; intake pauses, and single
/// lanes are tried until one answers.
///
/// Pure: no clocks, tasks or I/O; time comes in, and so does a seeded generator for the jitter. After each ``step``
/// carry out the effects; from time to time store ``takeChanges()`` in one transaction. What was applied since the last
/// such transaction is attempted again after a crash, with the same command ids.
///
/// **Guarantees.** A record is attempted only after everything before it in its lane was applied or skipped. A position
/// in ``LaneChanges`` never passes a record that is neither applied, skipped nor parked in the same or an earlier change.
public struct LaneScheduler: Sendable {
    /// What happened.
    public enum Event: Sendable {
        /// Read from the log, each partition in its order; no more than ``LaneScheduler/allowance``.
        case arrived([LaneRecord])
        /// An attempt ended: its first records were applied, and the one behind them failed unless `failure` is `nil`.
        case finished(ConversationID, applied: Int, failure: LaneFailure?)
        /// Time went by; due at ``LaneScheduler/nextWakeMillis``.
        case tick
        /// An operator wants a dead or waiting lane tried now, from its head; at most so many records a second, of all
        /// lanes redriven so together, unless the rate is 0.
        case redrive(ConversationID, recordsPerSecond: Int64 = 0)
        /// An operator gives up the head of a dead or waiting lane; the rest is tried now.
        case skipHead(ConversationID)
    }

    /// What to do.
    public enum Effect: Sendable, Equatable {
        /// Apply these records in order, stop at the first that fails, and report `finished`.
        case run(ConversationID, [Position])
        /// Whether records may be read has changed.
        case intake(Intake)
        case died(ConversationID, LaneFailure)
        case outageBegan
        case outageEnded
        /// A request was not carried out; why, and what to do.
        case refused(ConversationID, String)
    }

    /// Whether records may be read from the log, and if not, why.
    public enum Intake: Sendable, Equatable {
        case open
        /// Enough records are in hand.
        case full
        /// Paused until a probe goes well.
        case outage
        /// Stopped until somebody redrives: a lane has as many parked records as it may have.
        case parkedPerLane(ConversationID)
        /// Stopped until somebody redrives: there are as many parked records as there may be.
        case parkedInAll
    }

    struct Outage: Sendable {
        var nextProbeMillis: Int64
        var pauseMillis: Int64
        var probe: ConversationID?
        /// Lanes that failed, for the next probes.
        var candidates = LaneQueue()
        var preferFresh = true
    }

    let settings: LaneSettings
    var generator: any RandomNumberGenerator & Sendable
    var lanes: [ConversationID: Lane] = [:]
    var prefix: CompletedPrefix
    var skipped: Set<Position>
    var watch: OutageWatch
    var outage: Outage?
    var fresh = LaneQueue()
    var retries = LaneQueue()
    var retryIsNext = false
    var pace = RedrivePace()
    var waiting = WaitingTimes()
    /// Lanes whose head failed and is not parked yet, and in which order they began to fail.
    var failingUnparked: Set<ConversationID> = []
    /// Records in those lanes.
    var heldByFailing = 0
    var failingOrder: [(millis: Int64, lane: ConversationID)] = []
    /// Of those, the ones whose head has failed more than once, in which order they failed the second time; others too.
    var failingAgain = LaneQueue()
    var running = 0
    var runningRetries = 0
    var runningRetryLanes: Set<ConversationID> = []
    /// Records in hand, neither applied nor parked nor skipped.
    public internal(set) var unsettled = 0
    public internal(set) var parkedInAll = 0
    var fullLanes: Set<ConversationID> = []
    /// Parked lanes with records for which there was no room.
    var overflowing: Set<ConversationID> = []
    public internal(set) var intake = Intake.open
    var changes = LaneChanges()
    var changedLanes: Set<ConversationID> = []
    var storedPositions: [TopicPartition: Int64]
    var storedLanes: Set<ConversationID>
    var effects: [Effect] = []

    /// - Parameters:
    ///   - stored: what the store has: empty the first time.
    ///   - generator: seeded by the caller; used for jitter alone.
    public init(
        settings: LaneSettings, stored: StoredLanes, generator: any RandomNumberGenerator & Sendable
    ) {
        self.settings = settings
        self.generator = generator
        prefix = CompletedPrefix(positions: stored.positions)
        storedPositions = stored.positions
        storedLanes = Set(stored.lanes.map(\.lane))
        skipped = stored.skipped
        watch = OutageWatch(settings)
        restore(stored)
    }

    private mutating func restore(_ stored: StoredLanes) {
        for row in stored.lanes {
            var lane = Lane()
            lane.isParked = true
            lane.attempts = row.attempts
            lane.failingSinceMillis = row.failingSinceMillis
            lane.failure = row.failure
            lane.state = row.isDead ? .dead : .waiting(untilMillis: row.dueMillis)
            lanes[row.lane] = lane
            if !row.isDead { waiting.insert(.init(millis: row.dueMillis, lane: row.lane, wait: 0)) }
        }
        for record in stored.parked {
            precondition(lanes[record.lane] != nil, "parked records of a lane that is not stored")
            lanes[record.lane]!.append(.init(position: record.position, ticket: nil))
            lanes[record.lane]!.parkedCount += 1
            parkedInAll += 1
            if lanes[record.lane]!.parkedCount >= settings.parkedPerLane { fullLanes.insert(record.lane) }
        }
        intake = currentIntake
    }

    /// Takes one event and says what to do. `nowMillis` never decreases.
    ///
    /// - Complexity: amortised O(log lanes) per record.
    public mutating func step(_ event: Event, nowMillis: Int64) -> [Effect] {
        switch event {
        case .arrived(let records): for record in records { arrive(record) }
        case .finished(let lane, let applied, let failure):
            finish(lane, applied: applied, failure: failure, nowMillis: nowMillis)
        case .tick: break
        case .redrive(let lane, let rate): redrive(lane, recordsPerSecond: rate, nowMillis: nowMillis)
        case .skipHead(let lane): skipHead(of: lane)
        }
        wake(nowMillis: nowMillis)
        dispatch(nowMillis: nowMillis)
        if intake != currentIntake {
            intake = currentIntake
            effects.append(.intake(intake))
        }
        defer { effects.removeAll() }
        return effects
    }

    private mutating func arrive(_ record: LaneRecord) {
        guard let ticket = prefix.add(record.position) else { return }
        if skipped.remove(record.position) != nil { return settle(ticket) }
        // Read again after a restart: it stands in the store, or what stands there came after it was applied.
        if let last = lanes[record.lane]?.lastPosition, last >= record.position { return settle(ticket) }
        unsettled += 1
        let isNew = lanes[record.lane] == nil
        lanes[record.lane, default: Lane()].append(.init(position: record.position, ticket: ticket))
        if failingUnparked.contains(record.lane) { heldByFailing += 1 }
        if isNew { fresh.append(record.lane) }
        if lanes[record.lane]!.isParked { park(record.lane) }
    }

    mutating func settle(_ ticket: CompletedPrefix.Ticket) { prefix.settle(ticket) }

    // MARK: - What others may ask

    /// How many records may be read and given now.
    public var allowance: Int {
        switch intake {
        case .open: max(0, settings.unsettledRecords - unsettled)
        // One at a time, so that a probe is not left to lanes that would fail anyhow.
        case .outage: fresh.isEmpty && outage?.probe == nil && unsettled < settings.unsettledRecords ? 1 : 0
        case .full, .parkedPerLane, .parkedInAll: 0
        }
    }

    /// When to call with `tick` at the latest; `nil` when only another event changes anything.
    public var nextWakeMillis: Int64? {
        if let outage { return outage.probe == nil ? outage.nextProbeMillis : nil }
        let parking = failingOrder.first.map { $0.millis + settings.outageWindowMillis }
        return [waiting.earliest?.millis, parking, pace.nextMillis].compactMap { $0 }.min()
    }

    /// Nothing runs and nothing is ready; what is left waits for a time or an operator.
    public var isIdle: Bool { running == 0 && fresh.isEmpty && retries.isEmpty && pace.lanes.isEmpty }

    /// Whether a lane goes at the rate that an operator gave, and is not through yet.
    public func isPaced(_ lane: ConversationID) -> Bool { lanes[lane]?.isPaced ?? false }

    var currentIntake: Intake {
        if parkedInAll >= settings.parkedInAll { return .parkedInAll }
        if let lane = fullLanes.min() { return .parkedPerLane(lane) }
        if outage != nil { return .outage }
        return unsettled >= settings.unsettledRecords ? .full : .open
    }
}
