import EventLog
import Projection

extension ViewStoreConformance {
    static let leases: [Check] = [
        Check("claimingRaisesEpochsAndClaimingAgainKeepsThem") { bench in
            let epochs = try bench.claim()
            try require(epochs.values.allSatisfy { $0 > 0 }, "epochs do not begin above 0: \(epochs)")
            try require(try bench.claim() == epochs, "renewing changes epochs")
            try bench.store.release(owner: bench.one)
            let taken = try bench.claim()
            try require(
                bench.partitions.allSatisfy { taken[$0] ?? 0 > epochs[$0] ?? 0 },
                "taking again does not raise epochs: \(taken)")
        },
        Check("aLiveOwnersPartitionsAreNotTaken") { bench in
            let another = try bench.another()
            let mine = try bench.store.claim([bench.first], owner: bench.one, leaseMicros: bench.long)
            let theirs = try another.claim(bench.partitions, owner: bench.other, leaseMicros: bench.long)
            try require(Array(mine.keys) == [bench.first], "claimed \(mine.keys.sorted())")
            try require(
                Set(theirs.keys) == Set(bench.partitions).subtracting([bench.first]),
                "others got \(theirs.keys.sorted())")
        },
        Check("whoseLeaseRanOutIsFencedOnceAnotherHasTakenIt") { bench in
            let another = try bench.another()
            let old = try bench.store.claim(bench.partitions, owner: bench.one, leaseMicros: 1_000)
            let batch = bench.batch(bench.opening(bench.first, bench.room), old)
            Threads.sleep(millis: 20)
            let new = try bench.claim(another, bench.other)
            try require(new[bench.first] ?? 0 > old[bench.first] ?? 0, "the epoch is not raised")
            try bench.expectFenced("a batch of who lost the lease") { _ = try bench.store.apply(batch) }
            try bench.expectFenced("an attempt of who lost the lease") {
                try bench.store.begin([Attempt(partition: bench.first, from: 0, until: 2, deaths: 0)], epochs: old)
            }
            _ = try another.apply(bench.batch(bench.opening(bench.first, bench.room), new))
            try require(try bench.store.positions()[bench.first] == 2, "who took the lease cannot go on")
        },
        Check("whoseLeaseRanOutMayGoOnWhileNobodyElseCame") { bench in
            let epochs = try bench.store.claim(bench.partitions, owner: bench.one, leaseMicros: 1_000)
            Threads.sleep(millis: 20)
            _ = try bench.store.apply(bench.batch(bench.opening(bench.first, bench.room), epochs))
            try require(try bench.claim() == epochs, "an owner that was late has another epoch")
            try require(try bench.store.positions()[bench.first] == 2, "nothing was applied")
        },
        Check("aDeadOwnersPartitionsAreTakenAtOnce") { bench in
            let old = try bench.claim(bench.store, bench.fixture.deadOwner)
            let new = try bench.claim(try bench.another(), bench.other)
            try require(bench.partitions.allSatisfy { new[$0] ?? 0 > old[$0] ?? 0 }, "epochs are not raised: \(new)")
            let batch = bench.batch(bench.opening(bench.first, bench.room), old)
            try bench.expectFenced("a batch of a dead owner") { _ = try bench.store.apply(batch) }
        },
        Check("whatIsReleasedIsFreeAndOnlyOnesOwnIs") { bench in
            let another = try bench.another()
            let mine = try bench.store.claim([bench.first], owner: bench.one, leaseMicros: bench.long)
            _ = try another.claim([bench.second], owner: bench.other, leaseMicros: bench.long)
            try bench.store.release(owner: bench.one)
            let batch = bench.batch(bench.opening(bench.first, bench.room), mine)
            try bench.expectFenced("a batch after the release") { _ = try bench.store.apply(batch) }
            let third = try another.claim(bench.partitions, owner: LeaseOwner(text: "third"), leaseMicros: bench.long)
            try require(third[bench.first] ?? 0 > mine[bench.first] ?? 0, "what was released is not free")
            try require(third[bench.second] == nil, "a release gave up another's partition")
        },
    ]
}
