import EventLog
import Messaging
import Projection

extension ViewStoreConformance {
    static let attempts: [Check] = [
        Check("anAttemptSurvivesItsStoreAndIsReplacedByTheNext") { bench in
            let epochs = try bench.claim()
            let attempts = [
                Attempt(partition: bench.first, from: 3, until: 9, deaths: 0),
                Attempt(partition: bench.second, from: 1, until: 2, deaths: 2),
            ]
            try bench.store.begin(attempts, epochs: epochs)
            let another = try bench.another()
            try bench.expect(attempts, in: another)
            let next = Attempt(partition: bench.first, from: 4, until: 9, deaths: 1)
            try bench.store.begin([next], epochs: epochs)
            try bench.expect([next, attempts[1]], in: another)
        },
        Check("applyingEndsTheAttemptOfWhatItMoves") { bench in
            let epochs = try bench.claim()
            let attempts = [
                Attempt(partition: bench.first, from: 0, until: 2, deaths: 1),
                Attempt(partition: bench.second, from: 0, until: 2, deaths: 1),
            ]
            try bench.store.begin(attempts, epochs: epochs)
            _ = try bench.store.apply(bench.batch(bench.opening(bench.first, bench.room), epochs))
            try bench.expect([attempts[1]], in: bench.store)
            try bench.store.release(owner: bench.one)
            try bench.expect([attempts[1]], in: bench.store)
        },
        Check("aRefusedBatchKeepsItsAttempt") { bench in
            let epochs = try bench.claim()
            let attempt = Attempt(partition: bench.first, from: 0, until: 2, deaths: 1)
            try bench.store.begin([attempt], epochs: epochs)
            var batch = bench.batch(bench.opening(bench.first, bench.room), epochs)
            batch.moves[bench.first]?.from = 1
            try bench.expectFenced("a batch from another place") { _ = try bench.store.apply(batch) }
            try bench.expect([attempt], in: bench.store)
        },
    ]
}

extension ViewBench {
    fileprivate func expect(_ expected: [Attempt], in store: any ViewStore) throws {
        let found = try store.attempts().sorted { $0.partition < $1.partition }
        try require(found == expected, "attempts are \(found), not \(expected)")
    }
}
