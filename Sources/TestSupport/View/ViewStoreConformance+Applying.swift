import EventLog
import Messaging
import Projection
import Simulation

extension ViewStoreConformance {
    static let applying: [Check] = [
        Check("rowsAndPositionsMoveTogether") { bench in
            let epochs = try bench.claim()
            let empty = try bench.fixture.contents(bench.store)
            try require(try bench.store.positions().values.allSatisfy { $0 == 0 }, "a new view has positions")
            _ = try bench.store.apply(bench.batch(bench.opening(bench.first, bench.room), epochs))
            let positions = try bench.store.positions().filter { $0.value != 0 }
            try require(positions == [bench.first: 2], "the position is \(positions)")
            let another = try bench.another()
            try require(try another.positions()[bench.first] == 2, "another user does not see the position")
            let contents = try bench.fixture.contents(another)
            try require(contents != empty, "another user does not see the rows")
            try require(contents == (try bench.fixture.contents(bench.store)), "two users see different rows")
        },
        Check("aBatchThatBeginsElsewhereIsRefused") { bench in
            let epochs = try bench.claim()
            let records =
                bench.opening(bench.first, bench.room) + [
                    bench.record(bench.first, 2, bench.bob, bench.room, bench.send(2))
                ]
            let gap = bench.batch(records.suffix(1), epochs)
            try bench.expectFenced("a batch beyond the position") { _ = try bench.store.apply(gap) }
            let batch = bench.batch(records.prefix(2), epochs)
            _ = try bench.store.apply(batch)
            try bench.expectFenced("the same batch again") { _ = try bench.store.apply(batch) }
            try bench.expectFenced("a batch that overlaps") { _ = try bench.store.apply(bench.batch(records, epochs)) }
            _ = try bench.store.apply(gap)
            try require(try bench.store.positions()[bench.first] == 3, "a refused batch cannot be applied at its place")
        },
        Check("aBatchOfWhichOnePartitionIsWrongIsRefusedAsAWhole") { bench in
            let epochs = try bench.claim()
            let records = bench.opening(bench.first, bench.room) + bench.opening(bench.second, bench.garden)
            var wrong = bench.batch(records, epochs)
            wrong.epochs[bench.second] = (epochs[bench.second] ?? 0) - 1
            try bench.expectFenced("a batch under an old epoch") { _ = try bench.store.apply(wrong) }
            wrong.epochs[bench.second] = nil
            try bench.expectFenced("a batch under no epoch") { _ = try bench.store.apply(wrong) }
            wrong = bench.batch(records.dropLast(2) + records.suffix(1), epochs)
            try bench.expectFenced("a batch with a gap in one partition") { _ = try bench.store.apply(wrong) }
            _ = try bench.store.apply(bench.batch(records, epochs))
        },
        Check("reportsCountWhatBecameOfEachRecord") { bench in
            let epochs = try bench.claim()
            var records = bench.opening(bench.first, bench.room)
            records.append(records[1])
            records[2].offset = 2
            records.append(bench.record(bench.first, 3, bench.ann, bench.room, bench.delete(7)))
            records.append(
                bench.record(bench.first, 4, MemberID(Identifier(high: 9, low: 9)), bench.room, bench.send(3)))
            records.append(bench.record(bench.first, 5, bench.bob, bench.room, bench.send(7)))
            var expected = BatchReport()
            (expected.accepted, expected.duplicate, expected.orphaned, expected.rejected) = (3, 1, 1, 1)
            let report = try bench.store.apply(bench.batch(records, epochs))
            try require(report == expected, "the report is \(report)")
        },
        Check("batchesOfAnySizeGiveTheSameRows") { bench in
            for seed: UInt64 in 1...6 {
                let history = HistoryGenerator.history(seed: seed, count: 80)
                let (huge, small) = (try bench.fixture.open(), try bench.fixture.open())
                try bench.apply([history.records[...]], to: [huge])
                let single = history.records.indices.map { history.records[$0...$0] }
                try bench.apply(single, to: [small])
                try bench.expectSame(huge, small, "seed \(seed)")
            }
        },
        Check("storesThatTakeTurnsGiveTheSameRows") { bench in
            for seed: UInt64 in 1...6 {
                let history = HistoryGenerator.history(seed: seed, count: 80)
                let turns = stride(from: 0, to: history.records.count, by: 7).map { history.records[$0...].prefix(7) }
                let (alone, first) = (try bench.fixture.open(), try bench.fixture.open())
                try bench.apply(turns, to: [alone])
                try bench.apply(turns, to: [first, try bench.fixture.another(first)])
                try bench.expectSame(alone, first, "seed \(seed)")
            }
        },
    ]
}

extension ViewBench {
    /// Applies batches, each by the next of the stores, which hand the leases on.
    fileprivate func apply(_ batches: [ArraySlice<LoggedRecord>], to stores: [any ViewStore]) throws {
        for (number, records) in batches.enumerated() {
            let index = number % stores.count
            let epochs = try claim(stores[index], LeaseOwner(text: "turn \(index)"))
            let mine = records.filter { store.projection == .personal || !$0.record.command.isPersonal }
            _ = try stores[index].apply(batch(mine, epochs))
            if stores.count > 1 { try stores[index].release(owner: LeaseOwner(text: "turn \(index)")) }
        }
    }

    fileprivate func expectSame(_ left: any ViewStore, _ right: any ViewStore, _ what: String) throws {
        let (one, other) = (try fixture.contents(left), try fixture.contents(right))
        try require(!one.isEmpty, "\(what): there are no rows")
        guard one != other else { return }
        let text = { (lines: [[UInt8]]) in lines.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n") }
        let (here, there) = (Set(one), Set(other))
        throw TestFailure(
            "\(what): rows differ\n\(text(one.filter { !there.contains($0) }))\nnot\n\(text(other.filter { !here.contains($0) }))"
        )
    }
}
