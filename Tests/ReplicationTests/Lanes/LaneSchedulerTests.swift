import EventLog
import Messaging
import Replication
import TestSupport
import Testing

@Suite struct LaneSchedulerTests {
    private let partition = TopicPartition(.legacyWrites, 0)

    private func lane(_ number: Int) -> ConversationID { ConversationID(Identifier(high: UInt64(number), low: 0)) }

    private func record(_ number: Int, at offset: Int64) -> LaneRecord {
        LaneRecord(lane: lane(number), position: Position(partition, offset))
    }

    private func scheduler(_ change: (inout LaneSettings) -> Void = { _ in }) -> LaneScheduler {
        var settings = LaneSettings()
        change(&settings)
        var stored = StoredLanes()
        stored.positions = [partition: 0]
        return LaneScheduler(settings: settings, stored: stored, generator: SeededGenerator(seed: 1))
    }

    private let transient = LaneFailure(.transient, "away")

    @Test func followersWaitBehindAFailedHeadAndOtherLanesDoNot() {
        var lanes = scheduler { $0.recordsPerAttempt = 1 }
        var effects = lanes.step(.arrived([record(1, at: 0), record(1, at: 1), record(2, at: 2)]), nowMillis: 0)
        #expect(effects == [.run(lane(1), [Position(partition, 0)]), .run(lane(2), [Position(partition, 2)])])
        effects = lanes.step(.finished(lane(1), applied: 0, failure: transient), nowMillis: 0)
        #expect(effects == [])
        effects = lanes.step(.finished(lane(2), applied: 1, failure: nil), nowMillis: 0)
        #expect(effects == [])
        #expect(lanes.takeChanges().isEmpty, "the failed head holds the position")
        effects = lanes.step(.tick, nowMillis: lanes.nextWakeMillis!)
        #expect(effects == [.run(lane(1), [Position(partition, 0)])])
    }

    @Test func aPermanentFailureParksTheLaneAndThePositionGoesOn() {
        var lanes = scheduler()
        _ = lanes.step(.arrived([record(1, at: 0), record(1, at: 1)]), nowMillis: 0)
        let poison = LaneFailure(.permanent, "cannot be decoded")
        let effects = lanes.step(.finished(lane(1), applied: 0, failure: poison), nowMillis: 5)
        #expect(effects == [.died(lane(1), poison)])
        let changes = lanes.takeChanges()
        #expect(changes.positions == [partition: 2])
        #expect(changes.parked == [record(1, at: 0), record(1, at: 1)])
        #expect(changes.lanes.map(\.isDead) == [true])
        #expect(lanes.step(.arrived([record(1, at: 2)]), nowMillis: 6) == [], "a dead lane still blocks itself")
        #expect(lanes.takeChanges().parked == [record(1, at: 2)])
    }

    @Test func lanesThatFailAgainAreParkedWhenTheyHoldTooMuchAndNoMoreOfThemThanMustBe() {
        var lanes = scheduler { $0.unsettledRecords = 10 }
        for id in 1...3 {
            let offset = Int64(id) * 3
            _ = lanes.step(.arrived((0..<3).map { record(id, at: offset + $0) }), nowMillis: 0)
        }
        // Other lanes do well: no outage.
        for id in 4...30 {
            _ = lanes.step(.arrived([record(id, at: 100 + Int64(id))]), nowMillis: 0)
            _ = lanes.step(.finished(lane(id), applied: 1, failure: nil), nowMillis: 0)
        }
        for id in 1...3 { _ = lanes.step(.finished(lane(id), applied: 0, failure: transient), nowMillis: 1) }
        #expect(lanes.takeChanges().parked == [], "they failed once: that is no reason")
        var now: Int64 = 1
        var failedAgain: [ConversationID] = []
        while failedAgain.count < 3 {
            now = lanes.nextWakeMillis!
            for case .run(let id, _) in lanes.step(.tick, nowMillis: now) {
                if !failedAgain.contains(id) { failedAgain.append(id) }
                _ = lanes.step(.finished(id, applied: 0, failure: transient), nowMillis: now)
            }
        }
        #expect(now < 10_000)
        #expect(Set(lanes.takeChanges().parked.map(\.lane)) == [failedAgain[0], failedAgain[1]])
    }

    @Test func waitsDoubleToAnHourAndSpreadOverAllOfTheirLength() {
        var lanes = scheduler { $0.outageLanes = 1_000 }
        _ = lanes.step(.arrived([record(1, at: 0)]), nowMillis: 0)
        var now: Int64 = 0
        var shares: [Double] = []
        for attempt in 0..<99 {
            _ = lanes.step(.finished(lane(1), applied: 0, failure: transient), nowMillis: now)
            _ = lanes.takeChanges()
            var due = lanes.nextWakeMillis!
            var effects = lanes.step(.tick, nowMillis: due)
            while effects.isEmpty {
                due = lanes.nextWakeMillis!
                effects = lanes.step(.tick, nowMillis: due)
            }
            let longest = min(3_600_000, 1_000 << Int64(min(attempt, 20)))
            #expect(due - now <= longest)
            if attempt > 12 { shares.append(Double(due - now) / Double(longest)) }
            now = due
        }
        #expect(shares.min()! < 0.1 && shares.max()! > 0.9)
        let effects = lanes.step(.finished(lane(1), applied: 0, failure: transient), nowMillis: now)
        #expect(effects == [.died(lane(1), transient)])
    }

    @Test func anUnknownErrorIsTriedAFewTimesAndThenDead() {
        var lanes = scheduler { $0.unknownAttempts = 3 }
        _ = lanes.step(.arrived([record(1, at: 0)]), nowMillis: 0)
        var now: Int64 = 0
        for attempt in 1...3 {
            let effects = lanes.step(.finished(lane(1), applied: 0, failure: .init(.unknown, "?")), nowMillis: now)
            #expect(effects == (attempt == 3 ? [.died(lane(1), .init(.unknown, "?"))] : []))
            if attempt < 3 {
                now = lanes.nextWakeMillis!
                #expect(lanes.step(.tick, nowMillis: now).count == 1)
            }
        }
    }

    @Test func mostLanesFailingPausesIntakeAndProbesOneByOne() {
        var lanes = scheduler { $0.concurrentLanes = 100 }
        _ = lanes.step(.arrived((0..<40).map { record($0, at: Int64($0)) }), nowMillis: 0)
        var effects: [LaneScheduler.Effect] = []
        for number in 0..<30 {
            effects += lanes.step(.finished(lane(number), applied: 0, failure: transient), nowMillis: 100)
        }
        #expect(effects == [.outageBegan, .intake(.outage)])
        for number in 30..<40 {
            _ = lanes.step(.finished(lane(number), applied: 0, failure: transient), nowMillis: 100)
        }
        let due = lanes.nextWakeMillis!
        let probes = lanes.step(.tick, nowMillis: due)
        #expect(probes.count == 1)
        guard case .run(let probed, _)? = probes.first else { return }
        effects = lanes.step(.finished(probed, applied: 1, failure: nil), nowMillis: due)
        #expect(effects.first == .outageEnded && effects.last == .intake(.open) && effects.count == 41)
        #expect(lanes.takeChanges().parked == [])
    }

    @Test func aBusyLaneDoesNotKeepOthersWaiting() {
        var lanes = scheduler {
            $0.concurrentLanes = 1
            $0.recordsPerAttempt = 10
        }
        _ = lanes.step(.arrived((0..<1_000).map { record(1, at: Int64($0)) } + [record(2, at: 1_000)]), nowMillis: 0)
        let effects = lanes.step(.finished(lane(1), applied: 10, failure: nil), nowMillis: 1)
        #expect(effects == [.run(lane(2), [Position(partition, 1_000)])])
    }

    @Test func failingLanesNeverTakeEveryPlace() {
        var lanes = scheduler {
            $0.concurrentLanes = 8
            $0.concurrentRetries = 2
            $0.outageLanes = 1_000
        }
        for number in 0..<50 {
            _ = lanes.step(.arrived([record(number, at: Int64(number))]), nowMillis: 0)
            _ = lanes.step(.finished(lane(number), applied: 0, failure: transient), nowMillis: 0)
        }
        let retries = lanes.step(.tick, nowMillis: 2_000)
        #expect(retries.count == 2)
        let fresh = lanes.step(.arrived((100..<120).map { record($0, at: Int64($0)) }), nowMillis: 2_000)
        #expect(fresh.count == 6)
    }

    /// Two dead lanes of three parked records each.
    private func parkedLanes() -> LaneScheduler {
        var lanes = scheduler()
        _ = lanes.step(.arrived((0..<6).map { record(1 + Int($0) % 2, at: $0) }), nowMillis: 0)
        for number in [1, 2] {
            _ = lanes.step(.finished(lane(number), applied: 0, failure: .init(.permanent, "bad")), nowMillis: 0)
        }
        _ = lanes.takeChanges()
        return lanes
    }

    @Test func lanesRedrivenAtARateGoNoFasterTogether() {
        var lanes = parkedLanes()
        var attempted: [(Int64, Int)] = []
        var now: Int64 = 1_000
        var effects = lanes.step(.redrive(lane(1), recordsPerSecond: 2), nowMillis: now)
        effects += lanes.step(.redrive(lane(2), recordsPerSecond: 2), nowMillis: now)
        #expect(lanes.isPaced(lane(1)) && lanes.isPaced(lane(2)) && !lanes.isIdle)
        while true {
            for case .run(let id, let positions) in effects {
                attempted.append((now, positions.count))
                effects = lanes.step(.finished(id, applied: positions.count, failure: nil), nowMillis: now)
            }
            guard let wake = lanes.nextWakeMillis else { break }
            #expect(wake > now)
            now = wake
            effects = lanes.step(.tick, nowMillis: now)
        }
        #expect(attempted.map(\.1).reduce(0, +) == 6)
        for (time, _) in attempted {
            let until = attempted.filter { $0.0 <= time }.map(\.1).reduce(0, +)
            #expect(Double(until) <= 1 + Double(time - 1_000) / 1_000 * 2, "at \(time): \(attempted)")
        }
        #expect(!lanes.isPaced(lane(1)) && !lanes.isPaced(lane(2)) && lanes.isIdle && lanes.parkedInAll == 0)
    }

    @Test func aPacedLaneThatFailsAgainLeavesTheOthersTheirTurn() {
        var lanes = parkedLanes()
        var effects = lanes.step(.redrive(lane(1), recordsPerSecond: 1), nowMillis: 0)
        effects += lanes.step(.redrive(lane(2), recordsPerSecond: 1), nowMillis: 0)
        #expect(effects == [.run(lane(1), [Position(partition, 0)])])
        effects = lanes.step(.finished(lane(1), applied: 0, failure: .init(.permanent, "still bad")), nowMillis: 0)
        #expect(effects == [.died(lane(1), .init(.permanent, "still bad"))] && !lanes.isPaced(lane(1)))
        effects = lanes.step(.tick, nowMillis: lanes.nextWakeMillis!)
        #expect(effects == [.run(lane(2), [Position(partition, 1)])])
    }
}
