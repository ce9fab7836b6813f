import EventLog
import Messaging

/// Which lane is attempted when, and what comes of it.
extension LaneScheduler {
    mutating func dispatch(nowMillis: Int64) {
        if outage != nil { return probe(nowMillis: nowMillis) }
        dispatchPaced(nowMillis: nowMillis)
        while running < settings.concurrentLanes {
            let mayRetry = !retries.isEmpty && runningRetries < settings.concurrentRetries
            guard mayRetry || !fresh.isEmpty else { return }
            let isRetry = mayRetry && (retryIsNext || fresh.isEmpty)
            retryIsNext.toggle()
            guard let id = isRetry ? retries.popFirst() : fresh.popFirst() else { continue }
            run(id, isRetry: isRetry)
        }
    }

    /// Redriven lanes as fast as their rate allows, never in more places than retries have.
    private mutating func dispatchPaced(nowMillis: Int64) {
        guard !pace.lanes.isEmpty else { return }
        pace.fill(nowMillis: nowMillis)
        while pace.records > 0, running < settings.concurrentLanes, runningRetries < settings.concurrentRetries,
            let id = pace.lanes.popFirst()
        {
            pace.spend(run(id, isRetry: true, atMost: pace.records))
        }
    }

    /// In an outage: one lane at a time, a failed one and a fresh one by turns.
    private mutating func probe(nowMillis: Int64) {
        guard outage!.probe == nil, running == 0, nowMillis >= outage!.nextProbeMillis else { return }
        guard let id = nextProbe() else { return endOutage(nowMillis: nowMillis) }
        outage!.probe = id
        run(id, isRetry: lanes[id]!.hasFailed)
    }

    private mutating func nextProbe() -> ConversationID? {
        outage!.preferFresh.toggle()
        if outage!.preferFresh, let id = fresh.popFirst() { return id }
        while let id = outage!.candidates.popFirst() {
            if failingUnparked.contains(id), case .waiting = lanes[id]?.state { return id }
        }
        return fresh.popFirst() ?? retries.popFirst() ?? pace.lanes.popFirst()
    }

    /// - Returns: how many records are attempted.
    @discardableResult
    private mutating func run(_ id: ConversationID, isRetry: Bool, atMost most: Int = .max) -> Int {
        let count = min(lanes[id]!.count, settings.recordsPerAttempt, most)
        precondition(count > 0 && lanes[id]!.state != .running && lanes[id]!.state != .dead, "no lane to attempt")
        lanes[id]!.state = .running
        lanes[id]!.wait += 1
        lanes[id]!.inAttempt = count
        running += 1
        if isRetry {
            runningRetries += 1
            runningRetryLanes.insert(id)
        }
        effects.append(.run(id, lanes[id]!.positions(first: count)))
        return count
    }

    mutating func finish(_ id: ConversationID, applied: Int, failure: LaneFailure?, nowMillis: Int64) {
        guard let lane = lanes[id], lane.state == .running else {
            preconditionFailure("an attempt ended that did not begin: lane \(id)")
        }
        precondition(applied + (failure == nil ? 0 : 1) <= lane.inAttempt, "more records than were attempted")
        precondition(failure != nil || applied == lane.inAttempt, "an attempt ended early without a failure")
        running -= 1
        if runningRetryLanes.remove(id) != nil { runningRetries -= 1 }
        for _ in 0..<applied { removeHead(of: id) }
        if applied > 0 { recover(id) }
        judge(id, applied: applied, failure: failure, nowMillis: nowMillis)
        if let failure {
            fail(id, failure, nowMillis: nowMillis)
        } else if lanes[id]!.isEmpty {
            retire(id)
        } else {
            lanes[id]!.state = .ready
            if lanes[id]!.isPaced { pace.lanes.append(id) } else { fresh.append(id) }
        }
    }

    /// Tells whether an outage begins or ends. A parked lane that fails on and on says nothing about the others.
    private mutating func judge(_ id: ConversationID, applied: Int, failure: LaneFailure?, nowMillis: Int64) {
        let failed = failure?.kind == .transient && applied == 0
        if outage != nil {
            guard outage!.probe == id else { return }
            return failed ? probeFailed(nowMillis) : endOutage(nowMillis: nowMillis)
        }
        guard !(failed && lanes[id]!.isParked) else { return }
        watch.note(id, failedTransiently: failed, nowMillis: nowMillis)
        beginOutageIfSo(nowMillis: nowMillis)
    }

    private mutating func beginOutageIfSo(nowMillis: Int64) {
        guard watch.isOutage(nowMillis: nowMillis) else { return }
        outage = Outage(
            nextProbeMillis: nowMillis + settings.firstBackoffMillis, pauseMillis: settings.firstBackoffMillis)
        for (_, lane) in failingOrder where failingUnparked.contains(lane) { outage!.candidates.append(lane) }
        effects.append(.outageBegan)
    }

    private mutating func probeFailed(_ nowMillis: Int64) {
        outage!.probe = nil
        outage!.pauseMillis = min(outage!.pauseMillis * 2, settings.longestProbeMillis)
        outage!.nextProbeMillis = nowMillis + outage!.pauseMillis
    }

    /// What failed in the outage is tried again at once and has its first failure still before it.
    private mutating func endOutage(nowMillis: Int64) {
        outage = nil
        watch.clear()
        failingOrder.removeAll()
        failingAgain = LaneQueue()
        for id in failingUnparked.sorted() {
            if lanes[id]!.state == .dead {
                park(id)
                continue
            }
            noLongerFailing(id)
            lanes[id]!.forgetFailure()
            guard case .waiting = lanes[id]!.state else { continue }
            lanes[id]!.state = .ready
            lanes[id]!.wait += 1
            fresh.append(id)
        }
        effects.append(.outageEnded)
    }

    private mutating func fail(_ id: ConversationID, _ failure: LaneFailure, nowMillis: Int64) {
        var failure = failure
        lanes[id]!.isPaced = false
        failure.cause = String(decoding: failure.cause.utf8.prefix(1_024), as: UTF8.self)
        lanes[id]!.failure = failure
        if lanes[id]!.failingSinceMillis == nil { lanes[id]!.failingSinceMillis = nowMillis }
        // Failing in an outage is no fault of the lane's.
        if outage == nil || failure.kind != .transient { lanes[id]!.attempts += 1 }
        if !lanes[id]!.isParked, failingUnparked.insert(id).inserted {
            failingOrder.append((nowMillis, id))
            heldByFailing += lanes[id]!.count
        }
        if lanes[id]!.attempts == 2, failingUnparked.contains(id) { failingAgain.append(id) }
        if isExhausted(lanes[id]!) {
            lanes[id]!.state = .dead
            effects.append(.died(id, failure))
            if outage == nil { park(id) }
        } else {
            let due = nowMillis + backoff(attempts: lanes[id]!.attempts)
            lanes[id]!.state = .waiting(untilMillis: due)
            lanes[id]!.wait += 1
            waiting.insert(.init(millis: due, lane: id, wait: lanes[id]!.wait))
            outage?.candidates.append(id)
        }
        changedLanes.insert(id)
    }

    private func isExhausted(_ lane: Lane) -> Bool {
        switch lane.failure!.kind {
        case .permanent: true
        case .transient: lane.attempts >= settings.transientAttempts
        case .unknown: lane.attempts >= settings.unknownAttempts
        }
    }

    /// Exponential, with full jitter: anything from nothing to the whole wait.
    private mutating func backoff(attempts: Int) -> Int64 {
        let doublings = min(max(attempts - 1, 0), 32)
        let longest = min(settings.longestBackoffMillis, settings.firstBackoffMillis << Int64(doublings))
        return Int64.random(in: 0...longest, using: &generator)
    }

    /// Everything whose time has come.
    mutating func wake(nowMillis: Int64) {
        guard outage == nil else { return }
        while let entry = waiting.earliest, entry.millis <= nowMillis {
            waiting.removeEarliest()
            guard let lane = lanes[entry.lane], lane.wait == entry.wait, case .waiting = lane.state else { continue }
            lanes[entry.lane]!.state = .ready
            retries.append(entry.lane)
        }
        beginOutageIfSo(nowMillis: nowMillis)
        if outage == nil { parkWhatFailsOn(nowMillis: nowMillis) }
    }
}
