import EventLog
import Messaging

/// Parking, settling, and what operators ask.
extension LaneScheduler {
    /// Parks lanes that have failed for as long as an outage may take to show, or sooner when too much is in hand.
    mutating func parkWhatFailsOn(nowMillis: Int64) {
        var passed = 0
        for (since, id) in failingOrder {
            guard since + settings.outageWindowMillis <= nowMillis else { break }
            passed += 1
            if failingUnparked.contains(id), lanes[id]?.failingSinceMillis == since { park(id) }
        }
        failingOrder.removeFirst(passed)
        relievePressure()
        for id in overflowing.sorted() where parkedInAll < settings.parkedInAll && !fullLanes.contains(id) { park(id) }
    }

    /// Parks lanes that fail again while failing lanes hold more than half of what may be in hand, no more than must be.
    ///
    /// A lane that failed once is tried again within ``LaneSettings/firstBackoffMillis``: intake waits for that rather than
    /// send everything through the store whenever some attempts in a hundred fail.
    private mutating func relievePressure() {
        while let id = failingAgain.first {
            if failingUnparked.contains(id), lanes[id]!.attempts > 1 {
                guard heldByFailing * 2 > settings.unsettledRecords, !watch.isSuspect else { return }
                park(id)
            }
            _ = failingAgain.popFirst()
        }
    }

    /// Parks the whole lane, as far as there is room.
    mutating func park(_ id: ConversationID) {
        noLongerFailing(id)
        lanes[id]!.isParked = true
        changedLanes.insert(id)
        while lanes[id]!.parkedCount < lanes[id]!.count {
            let index = lanes[id]!.parkedCount
            guard index < settings.parkedPerLane, parkedInAll < settings.parkedInAll else {
                overflowing.insert(id)
                return
            }
            let entry = lanes[id]![index]
            lanes[id]![index].ticket = nil
            lanes[id]!.parkedCount += 1
            parkedInAll += 1
            unsettled -= 1
            settle(entry.ticket!)
            changes.parked.append(LaneRecord(lane: id, position: entry.position))
            if lanes[id]!.parkedCount >= settings.parkedPerLane { fullLanes.insert(id) }
        }
        overflowing.remove(id)
    }

    /// The head is applied or skipped.
    mutating func removeHead(of id: ConversationID) {
        if failingUnparked.contains(id) { heldByFailing -= 1 }
        let wasParked = lanes[id]!.parkedCount > 0
        let entry = lanes[id]!.removeFirst()
        if wasParked {
            parkedInAll -= 1
            changes.removed.append(LaneRecord(lane: id, position: entry.position))
            changedLanes.insert(id)
            if lanes[id]!.parkedCount < settings.parkedPerLane { fullLanes.remove(id) }
        } else {
            unsettled -= 1
            settle(entry.ticket!)
        }
    }

    /// A new head has not failed yet.
    mutating func recover(_ id: ConversationID) {
        lanes[id]!.forgetFailure()
        noLongerFailing(id)
        if lanes[id]!.parkedCount == 0 {
            lanes[id]!.isParked = false
            lanes[id]!.isPaced = false
            overflowing.remove(id)
        }
    }

    mutating func noLongerFailing(_ id: ConversationID) {
        if failingUnparked.remove(id) != nil { heldByFailing -= lanes[id]!.count }
    }

    mutating func retire(_ id: ConversationID) {
        lanes[id] = nil
        overflowing.remove(id)
    }

    mutating func redrive(_ id: ConversationID, recordsPerSecond: Int64, nowMillis: Int64) {
        guard let lane = lanes[id], lane.hasFailed else {
            effects.append(.refused(id, "lane \(id) is neither waiting nor dead; there is nothing to redrive"))
            return
        }
        switch lane.state {
        case .running, .ready: return
        case .waiting, .dead: break
        }
        lanes[id]!.isPaced = recordsPerSecond > 0 && lane.isParked
        if lanes[id]!.isPaced { pace.set(recordsPerSecond: recordsPerSecond, nowMillis: nowMillis) }
        retryNow(id)
    }

    private mutating func retryNow(_ id: ConversationID) {
        lanes[id]!.attempts = 0
        lanes[id]!.wait += 1
        lanes[id]!.state = .ready
        if lanes[id]!.isPaced { pace.lanes.append(id) } else { retries.append(id) }
        changedLanes.insert(id)
    }

    mutating func skipHead(of id: ConversationID) {
        guard let lane = lanes[id], lane.hasFailed, lane.state != .running, lane.state != .ready else {
            effects.append(.refused(id, "the head of lane \(id) is being attempted or has not failed; look again"))
            return
        }
        changes.skipped.append(LaneRecord(lane: id, position: lane[0].position))
        removeHead(of: id)
        recover(id)
        guard !lanes[id]!.isEmpty else { return retire(id) }
        retryNow(id)
    }

    // MARK: - The store

    /// What has changed since the last call; store it in one transaction, then forget it.
    public mutating func takeChanges() -> LaneChanges {
        for (partition, offset) in prefix.positions where storedPositions[partition] != offset {
            storedPositions[partition] = offset
            changes.positions[partition] = offset
        }
        let removed = Set(changes.removed.map(\.position))
        if !removed.isEmpty {
            let parked = Set(changes.parked.map(\.position))
            changes.parked.removeAll { removed.contains($0.position) }
            changes.removed.removeAll { parked.contains($0.position) }
        }
        for id in changedLanes.sorted() {
            if let row = storedLane(id) {
                changes.lanes.append(row)
                storedLanes.insert(id)
            } else if storedLanes.remove(id) != nil {
                changes.goneLanes.append(id)
            }
        }
        changedLanes.removeAll()
        defer { changes = LaneChanges() }
        return changes
    }

    /// How a lane stands in the store; `nil` when nothing of it is parked.
    private func storedLane(_ id: ConversationID) -> StoredLane? {
        guard let lane = lanes[id], lane.parkedCount > 0 else { return nil }
        var due: Int64 = 0
        if case .waiting(let until) = lane.state { due = until }
        return StoredLane(
            lane: id, isDead: lane.state == .dead, dueMillis: due, attempts: lane.attempts,
            failingSinceMillis: lane.failingSinceMillis ?? 0, failure: lane.failure ?? LaneFailure(.unknown, ""))
    }
}
