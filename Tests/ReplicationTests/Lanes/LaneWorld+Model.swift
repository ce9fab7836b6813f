import EventLog
import Messaging
import Replication

/// The store, and what must hold, found by brute force over the log.
extension LaneWorld {
    mutating func save() {
        let changes = scheduler.takeChanges()
        for record in changes.skipped { skipped.insert(record.position) }
        store(changes)
        let parked = Set(store.parked.map(\.position))
        if parked.count != store.parked.count { faults.append("a record is parked twice") }
        if parked.count > settings.parkedInAll { faults.append("\(parked.count) records parked, over the limit") }
        for (partition, offset) in changes.positions { pass(partition, to: offset, parked: parked) }
        let stored = Set(store.lanes.map(\.lane))
        if stored != Set(store.parked.map(\.lane)) { faults.append("lanes and parked records do not go together") }
    }

    private mutating func store(_ changes: LaneChanges) {
        for position in changes.removed.map(\.position)
        where !appliedSet.contains(position) && !skipped.contains(position) {
            faults.append("\(position) was removed and is nowhere")
        }
        let removed = Set(changes.removed.map(\.position))
        if !removed.isEmpty { store.parked.removeAll { removed.contains($0.position) } }
        store.parked.append(contentsOf: changes.parked)
        if !changes.parked.isEmpty { store.parked.sort { ($0.lane, $0.position) < ($1.lane, $1.position) } }
        let gone = Set(changes.goneLanes + changes.lanes.map(\.lane))
        if !gone.isEmpty { store.lanes.removeAll { gone.contains($0.lane) } }
        store.lanes.append(contentsOf: changes.lanes)
        store.skipped = skipped.filter {
            $0.offset >= changes.positions[$0.partition] ?? store.positions[$0.partition] ?? 0
        }
    }

    /// What the position passes is applied, parked or skipped.
    private mutating func pass(_ partition: TopicPartition, to committed: Int64, parked: Set<Position>) {
        let before = store.positions[partition] ?? 0
        guard committed >= before else { return faults.append("a position went back") }
        for offset in before..<committed {
            let position = Position(partition, offset)
            if appliedSet.contains(position) || parked.contains(position) || skipped.contains(position) { continue }
            faults.append("position \(committed) passed \(position), which is nowhere")
        }
        store.positions[partition] = committed
    }

    /// The next record of the lane that may take effect: its oldest that is neither applied nor skipped.
    func isNext(_ position: Position, in lane: ConversationID) -> Bool {
        let place = Int(position.partition.partition)
        var offset = Int(position.offset) - 1
        while offset >= 0 {
            let earlier = Position(position.partition, Int64(offset))
            if log[place][offset] == lane, !skipped.contains(earlier) { return appliedSet.contains(earlier) }
            offset -= 1
        }
        return true
    }

    /// Everything that is neither applied nor skipped.
    var missing: [Position] {
        log.indices.flatMap { place in
            log[place].indices.map { Position(TopicPartition(.legacyWrites, Int32(place)), Int64($0)) }
        }.filter { !appliedSet.contains($0) && !skipped.contains($0) }
    }

    /// How it went, for a failed test.
    var trace: String {
        "at \(nowMillis) ms, crashes \(crashes), deaths \(deaths), outages \(outages), intake \(scheduler.intake), "
            + "wake \(scheduler.nextWakeMillis ?? -1), idle \(scheduler.isIdle), missing \(missing.count), "
            + "skipped \(skipped.count), lanes \(store.lanes), faults \(faults.prefix(3))"
    }
}
