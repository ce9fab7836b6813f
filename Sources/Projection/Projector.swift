public import EventLog
import Messaging

/// What bounds a projector.
public struct ProjectorLimits: Sendable {
    /// Records of one transaction.
    public var batchRecords = 131_072
    /// What one transaction should take: batches grow and shrink towards it, so that a stop never waits long.
    public var batchSeconds = 1.5
    /// Records of one transaction while looking for what ended a projector.
    public var suspectRecords = 512
    /// Bytes of records of one transaction, and of those that are read for the next meanwhile; half as many may be kept for
    /// the one after it. A record more of each partition when its part is less than one.
    public var batchBytes = 64 * 1024 * 1024
    /// How long a lease lasts without being renewed.
    public var leaseMicros: Int64 = 10_000_000
    /// How often a record may be the only one being applied when its projector dies, before it is parked.
    public var deathsBeforeParking: Int32 = 3

    public init() {}

    /// Bounds for one of several projectors that may hold so many bytes of records all together.
    /// - Parameter holding: `nil` leaves each its own default.
    public init(holding bytes: Int?, projectors: Int) {
        // One batch is applied while the next is read, and half as much may be kept that was too early for that.
        if let bytes { batchBytes = max(1, min(batchBytes, bytes * 2 / (5 * max(1, projectors)))) }
    }
}

/// Runs one fold over a log into one view store.
///
/// It claims partitions, reads batches from the stored positions, and has the store apply each in one transaction.
/// Before a batch is applied, its range is persisted. A projector that finds such a range after a crash applies it in small
/// batches; one that finds the range of a small batch applies it one record at a time, and a record that was being applied
/// alone when its projector died three times is parked with its conversation, so that the partition goes on.
///
/// Threads: blocks; runs on one thread of its own.
public final class Projector {
    /// What there is to tell an operator while it runs.
    public enum Event: Sendable {
        case claimed([TopicPartition])
        /// Others own all partitions: this projector stands by.
        case standingBy
        case applied(BatchReport, seconds: Double)
        case recovering([Attempt])
        case parked(partition: TopicPartition, offset: Int64, reason: String)
        case fenced(String)
        /// Another generation of the view is active now: the projector goes on there.
        case superseded(String)
        /// Something failed that may pass.
        case retrying(String, afterMillis: Int)
    }

    /// A range in which something may end the projector.
    private struct Suspect {
        var attempt: Attempt
        /// Too long for one record at a time.
        var isLong: Bool
    }

    private let log: any EventLog
    private let store: any ViewStore
    private let owner: LeaseOwner
    private let limits: ProjectorLimits
    private let reader: BatchReader
    private let ahead: ReadAhead
    private let observe: (Event) -> Void
    private let partitions: [TopicPartition]
    private var epochs: [TopicPartition: Int64] = [:]
    private var positions: [TopicPartition: Int64] = [:]
    /// Ranges a dead projector left, by partition.
    private var suspects: [TopicPartition: Suspect] = [:]
    /// Records of the next batch.
    private var batchRecords: Int
    private var claimedAt: ContinuousClock.Instant?
    private var isStandingBy = false

    public init(
        log: any EventLog, store: any ViewStore, owner: LeaseOwner, limits: ProjectorLimits = ProjectorLimits(),
        observe: @escaping (Event) -> Void = { _ in }
    ) {
        self.log = log
        self.store = store
        self.owner = owner
        self.limits = limits
        self.observe = observe
        reader = BatchReader(log: log, limits: limits)
        ahead = ReadAhead(reader)
        batchRecords = min(limits.batchRecords, 8_192)
        partitions = store.projection.topics.flatMap(log.partitionCounts.partitions(of:))
    }

    /// The partitions owned now.
    public var owned: [TopicPartition] { epochs.keys.sorted() }

    /// Applies what is there until `shouldStop`, waiting for more in between; releases its leases at the end.
    /// - Throws: what the log and the store throw and a retry does not mend.
    public func run(shouldStop: () -> Bool) throws {
        defer { end() }
        while !shouldStop() {
            try renewIfDue()
            if try !step(until: [:]) {
                if epochs.isEmpty {
                    _ = try log.waitForRecords(past: [:], timeoutMillis: 200)
                } else {
                    _ = try log.waitForRecords(past: positions, timeoutMillis: 200)
                }
            }
        }
    }

    /// Applies everything up to the log's present end, waiting for leases of live owners no longer than `patience`.
    /// - Parameters:
    ///   - bounds: where to stop instead; partitions that are not named are left alone.
    ///   - shouldStop: asked before every batch.
    /// - Returns: what became of the records.
    /// - Throws: `ProjectionError` with code `busy` when others own partitions that are behind.
    public func catchUp(
        to bounds: [TopicPartition: Int64]? = nil, patience: Duration = .seconds(15), shouldStop: () -> Bool = { false }
    ) throws -> BatchReport {
        defer { try? store.release(owner: owner) }
        var ends = try log.endOffsets()
        if let bounds { for partition in partitions { ends[partition] = bounds[partition] ?? 0 } }
        let deadline = ContinuousClock.now + patience
        var total = BatchReport()
        while !shouldStop() {
            try renewIfDue()
            while !shouldStop(), let report = try advance(until: ends) {
                total.add(report)
                try renewIfDue()
            }
            let stored = try store.positions()
            let behind = partitions.filter { (stored[$0] ?? 0) < (ends[$0] ?? 0) }
            if behind.isEmpty { break }
            if epochs.count == partitions.count { continue }
            guard ContinuousClock.now < deadline else {
                throw ProjectionError(
                    .busy,
                    "another projector owns \(behind.map(\.description).joined(separator: ", ")) and is behind the log's "
                        + "end: wait for it, or stop it and try again", isRetriable: true)
            }
            _ = try log.waitForRecords(past: [:], timeoutMillis: 50)
            claimedAt = nil
        }
        return total
    }

    private func end() {
        ahead.cancel()
        // A lease that cannot be released runs out by itself.
        try? store.release(owner: owner)
    }

    /// One batch, if there is one.
    /// - Returns: whether anything was applied.
    public func step(until bounds: [TopicPartition: Int64]) throws -> Bool { try advance(until: bounds) != nil }

    private func advance(until bounds: [TopicPartition: Int64]) throws -> BatchReport? {
        guard !epochs.isEmpty else { return nil }
        do {
            if !suspects.isEmpty { return try applySuspect() }
            let read =
                try ahead.take(positions, until: bounds)
                ?? reader.next(positions, until: bounds, maxRecords: batchRecords)
            guard var batch = read else { return nil }
            let attempts = batch.moves.map { Attempt(partition: $0, from: $1.from, until: $1.to, deaths: 0) }
            try store.begin(attempts, epochs: epochs)
            if batch.items.count >= batchRecords / 2 {
                // There is more: it is read meanwhile.
                let next = positions.merging(batch.moves.mapValues(\.to)) { $1 }
                ahead.start(next, until: bounds, maxRecords: batchRecords)
            }
            let started = ContinuousClock.now
            let report = try apply(&batch, attempts)
            adjustBatches(to: batch.items.count, seconds: (ContinuousClock.now - started).seconds)
            return report
        } catch let error as ProjectionError where error.code == .fenced {
            observe(.fenced(error.message))
            epochs = [:]
            claimedAt = nil
            return nil
        }
    }

    /// Steers batches towards the time one should take, at most to half or double their size. One that was not nearly full
    /// says nothing about longer ones. (None is quite full: every partition's share is rounded down.)
    private func adjustBatches(to count: Int, seconds: Double) {
        let wanted = Double(count) * limits.batchSeconds / max(seconds, 1e-6)
        let isFull = count >= batchRecords / 2
        guard seconds > limits.batchSeconds || isFull else { return }
        let largest = Double(isFull ? batchRecords * 2 : batchRecords)
        let next = min(max(wanted, Double(batchRecords / 2)), largest)
        batchRecords = min(limits.batchRecords, max(Int(next), min(limits.batchRecords, 1_024)))
    }

    /// The next records of a range that a dead projector left: a few of a long one, one of a short one.
    private func applySuspect() throws -> BatchReport? {
        guard let suspect = suspects.values.min(by: { $0.attempt.partition < $1.attempt.partition }) else { return nil }
        var attempt = suspect.attempt
        let partition = attempt.partition
        let position = positions[partition] ?? 0
        guard position < attempt.until else {
            suspects[partition] = nil
            return BatchReport()
        }
        if attempt.from != position || attempt.deaths < 0 { attempt.deaths = 0 }
        guard
            var batch = try reader.next(
                [partition: position], until: [partition: attempt.until],
                maxRecords: suspect.isLong ? limits.suspectRecords : 1), let move = batch.moves[partition]
        else {
            throw ProjectionError(
                .log,
                "\(partition) ends before offset \(attempt.until), which was being applied: the log was cut or changed")
        }
        if attempt.deaths >= limits.deathsBeforeParking { park(&batch, attempt) }
        // Of a long range only what is under way is left to a successor: the rest has not ended anything by itself.
        let started =
            suspect.isLong
            ? Attempt(partition: partition, from: position, until: move.to, deaths: Attempt.ofSmallBatch)
            : Attempt(partition: partition, from: position, until: attempt.until, deaths: attempt.deaths + 1)
        try store.begin([started], epochs: epochs)
        let report = try apply(&batch, [started])
        suspects[partition]?.attempt = Attempt(
            partition: partition, from: positions[partition]!, until: attempt.until, deaths: 0)
        return report
    }

    private func park(_ batch: inout ProjectionBatch, _ attempt: Attempt) {
        guard case .record(let logged)? = batch.items.first else { return }
        let reason = "was being applied when its projector died, \(attempt.deaths) times"
        batch.items[0] = .unreadable(
            .parked(logged, in: attempt.partition, reason: reason))
    }

    private func apply(_ batch: inout ProjectionBatch, _ attempts: [Attempt]) throws -> BatchReport {
        for partition in batch.moves.keys { batch.epochs[partition] = epochs[partition] }
        let started = ContinuousClock.now
        let report: BatchReport
        do { report = try store.apply(batch) } catch let error as ProjectionError {
            if error.isOutage { takeBack(attempts) }
            throw error
        }
        for (partition, move) in batch.moves { positions[partition] = move.to }
        log.show(batch.moves.mapValues(\.to), of: store.projection.rawValue)
        observe(.applied(report, seconds: (ContinuousClock.now - started).seconds))
        for case .unreadable(let record) in batch.items where report.parked > 0 {
            observe(.parked(partition: record.partition, offset: record.offset, reason: record.reason))
        }
        return report
    }

    /// What failed was no record's fault: none of these may be taken for what kills projectors.
    private func takeBack(_ attempts: [Attempt]) {
        let before = attempts.map { attempt in
            var before = attempt
            // A batch leaves nothing to look into, a record applied alone only what was known of it.
            if attempt.deaths <= 0 { before.until = attempt.from } else { before.deaths -= 1 }
            return before
        }
        // The caller gets the outage's own error. If this fails as well, one death too many is counted, of the three.
        _ = try? store.begin(before, epochs: epochs)
    }

    private func renewIfDue() throws {
        let now = ContinuousClock.now
        let wait: Duration =
            epochs.count == partitions.count ? .microseconds(limits.leaseMicros / 3) : .milliseconds(200)
        if let claimedAt, now - claimedAt < wait { return }
        claimedAt = now
        let claimed = try store.claim(partitions, owner: owner, leaseMicros: limits.leaseMicros)
        let taken = claimed.keys.filter { epochs[$0] != claimed[$0] }
        epochs = claimed
        positions = positions.filter { claimed[$0.key] != nil }
        suspects = suspects.filter { claimed[$0.key] != nil }
        guard !taken.isEmpty else {
            if claimed.isEmpty && !isStandingBy { observe(.standingBy) }
            isStandingBy = claimed.isEmpty
            return
        }
        isStandingBy = false
        let stored = try store.positions()
        positions = [:]
        for partition in claimed.keys { positions[partition] = stored[partition] ?? 0 }
        suspects = [:]
        for attempt in try store.attempts() where claimed[attempt.partition] != nil {
            suspects[attempt.partition] = Suspect(attempt: attempt, isLong: false)
        }
        // A batch has a range in each of its partitions.
        let batched = suspects.values.filter { $0.attempt.deaths == 0 }
        let isLong = batched.reduce(0) { $0 + $1.attempt.until - $1.attempt.from } > Int64(limits.suspectRecords)
        for suspect in batched where isLong { suspects[suspect.attempt.partition]?.isLong = true }
        observe(.claimed(taken.sorted()))
        if !suspects.isEmpty { observe(.recovering(suspects.values.map(\.attempt))) }
    }
}

extension Duration {
    /// Seconds with their fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
