import EventLog
import Messaging
import Replication
import TestSupport
import Testing

@Suite struct LaneSimulationTests {
    private static func settings() -> LaneSettings {
        var settings = LaneSettings()
        settings.concurrentLanes = 8
        settings.concurrentRetries = 3
        settings.recordsPerAttempt = 5
        settings.unsettledRecords = 300
        settings.longestBackoffMillis = 20_000
        settings.unknownAttempts = 40
        return settings
    }

    @Test(arguments: 1...40)
    func nothingIsLostDoubledOrOutOfOrder(seed: Int) {
        var world = LaneWorld(
            seed: UInt64(seed), lanes: 40, records: 600, settings: Self.settings(), trouble: LaneWorld.Trouble())
        world.run(steps: 20_000)
        #expect(world.faults == [], "seed \(seed): \(world.trace)")
        let poisoned = Set(world.poison.map { world.lane(of: $0) })
        let free = world.missing.filter { !poisoned.contains(world.lane(of: $0)) }
        #expect(free == [], "seed \(seed): only poisoned lanes may be left")
        #expect(world.store.parked.map(\.position).sorted() == world.missing.sorted(), "seed \(seed): \(world.trace)")

        world.poison = []
        for lane in poisoned where world.store.lanes.contains(where: { $0.lane == lane }) { world.take(.redrive(lane)) }
        world.save()
        world.run(steps: 20_000)
        #expect(world.faults == [] && world.missing == [] && world.store.parked == [], "seed \(seed): \(world.trace)")
    }

    @Test(arguments: 1...20)
    func anOutageParksNothingAndLosesNothing(seed: Int) {
        var trouble = LaneWorld.Trouble()
        trouble.poisonedLanes = 0
        trouble.transientPerMille = 0
        trouble.crashesPerMille = 0
        trouble.outage = 1_500...61_500
        var world = LaneWorld(
            seed: UInt64(seed), lanes: 200, records: 4_000, settings: Self.settings(), trouble: trouble)
        var parked = 0
        for _ in 0..<400 {
            world.run(steps: 50)
            parked = max(parked, world.store.parked.count)
        }
        world.run(steps: 200_000)
        #expect(world.outages >= 1 && parked == 0, "seed \(seed): \(world.outages) outages, \(parked) parked")
        #expect(world.faults == [] && world.missing == [], "seed \(seed): \(world.trace)")
    }

    @Test(arguments: 1...20)
    func aSkippedHeadStaysSkippedAcrossCrashes(seed: Int) {
        var world = LaneWorld(
            seed: UInt64(seed), lanes: 10, records: 300, settings: Self.settings(), trouble: LaneWorld.Trouble())
        world.run(steps: 20_000)
        let heads = world.poison
        for position in heads {
            world.take(.skipHead(world.lane(of: position)))
            world.save()
        }
        world.run(steps: 20_000)
        #expect(world.faults == [] && world.missing == [], "seed \(seed): \(world.trace)")
        #expect(world.skipped == heads && world.appliedSet.isDisjoint(with: heads), "seed \(seed): \(world.trace)")
    }

    @Test func aFullParkingLotStopsIntakeAndKeepsItsLimit() {
        var settings = Self.settings()
        settings.parkedInAll = 50
        var trouble = LaneWorld.Trouble()
        trouble.poisonedLanes = 30
        trouble.crashesPerMille = 0
        var world = LaneWorld(seed: 5, lanes: 40, records: 3_000, settings: settings, trouble: trouble)
        world.run(steps: 20_000)
        #expect(world.faults == [])
        #expect(world.scheduler.intake == .parkedInAll && world.scheduler.allowance == 0)
        #expect(world.store.parked.count == 50)
        world.poison = []
        // What had no room is parked when there is some, and mended then.
        while !world.store.lanes.isEmpty, world.faults.isEmpty {
            for lane in world.store.lanes.map(\.lane) { world.take(.redrive(lane)) }
            world.run(steps: 20_000)
        }
        #expect(world.faults == [] && world.missing == [])
    }
}
