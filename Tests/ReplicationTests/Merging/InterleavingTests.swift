import LegacyMailbox
import Messaging
import Testing

/// Whatever order a row's writes come in, once or twice, live, uploaded or redriven, whatever the legacy store's clock says:
/// the folds end in one state, and that says what the row says.
@Suite struct InterleavingTests {
    /// When the first record is appended; the legacy store's clock is behind, equal or ahead by up to 10 minutes.
    private static let logTime: Int64 = 1_700_000_000_000_000
    private static let skews: [Int64] = [-600_000_000, 0, 600_000_000]

    /// Every way in which so many writes may come, as their numbers: each order, with none, each or all of them twice.
    private static func arrivals(of count: Int) -> [[Int]] {
        permutations(Array(0..<count)).reduce(into: []) { all, order in
            all += [order, order + order]
            all += order.map { order + [$0] }
        }
    }

    /// The same with an upload, in each place: the row as a snapshot found it right after one of the writes, with the version
    /// it had then (rule 40). The first is in order.
    private static func arrivals(of count: Int, uploadAfter write: Int) -> [[Int]] {
        permutations(Array(0..<count)).reduce(into: []) { all, order in
            for place in [write + 1] + (0...count) { all.append(Array(order[..<place]) + [count] + order[place...]) }
        }
    }

    /// The writes of a row and their uploads as records, so that each is translated once.
    private struct Life {
        var last: LegacyWrite
        var records: [[Record]]
        /// Groups of arrivals that must end in one state.
        var groups: [(records: [[Record]], arrivals: [[Int]])]

        init(_ writes: [LegacyWrite]) throws {
            last = writes.last!
            records = try writes.map(LegacyFolds.records)
            groups = [(records, InterleavingTests.arrivals(of: writes.count))]
            for found in Set([0, writes.count - 1]) {
                let snapshot = LegacyWrite(.snapshot, writes[found].row, sourceVersion: writes[found].sourceVersion)
                groups.append(
                    (
                        records + [try LegacyFolds.records(of: snapshot)],
                        InterleavingTests.arrivals(of: writes.count, uploadAfter: found)
                    ))
            }
        }
    }

    private static func folded(
        _ context: [[Record]], _ records: [[Record]], _ arrival: [Int], isGuarded: Bool = true
    ) -> LegacyFolds {
        var folds = LegacyFolds()
        for (index, own) in (context + arrival.map { records[$0] }).enumerated() {
            let time = logTime + Int64(index)
            for var record in own {
                // Without the guard what comes last wins.
                if !isGuarded && index >= context.count { record.sourceVersion = time }
                folds.apply(record, at: time)
            }
        }
        return folds
    }

    /// How many arrivals end in another state than the writes in order do, and how many there were.
    private static func divergences(
        of row: LegacyWrite.Row, _ operations: [LegacyRow.Operation], upTo count: Int, skew: Int64,
        context: [LegacyWrite] = [], isGuarded: Bool = true,
        check: (LegacyFolds, LegacyWrite) -> Void = { _, _ in }
    ) throws -> (divergent: Int, all: Int) {
        var (divergent, all) = (0, 0)
        let before = try context.map(LegacyFolds.records)
        for length in 0...count {
            for chosen in sequences(operations, count: length) {
                let life = try Life(LegacyRow.writes(row, chosen, from: logTime + skew))
                for group in life.groups {
                    let expected = folded(before, group.records, group.arrivals[0])
                    check(expected, life.last)
                    let state = expected.state
                    for arrival in group.arrivals {
                        all += 1
                        let found = folded(before, group.records, arrival, isGuarded: isGuarded).state
                        if found != state { divergent += 1 }
                    }
                }
            }
        }
        return (divergent, all)
    }

    @Test(arguments: skews)
    func theWritesOfACopyEndInOneStateWhichSaysWhatTheCopySays(_ skew: Int64) throws {
        let bob = LegacyFolds.identifiers.member(owner: LegacyRow.bob)
        let message = LegacyFolds.identifiers.message(thread: LegacyRow.thread, deduplicationKey: Array("m1".utf8))
        let copy = LegacyRow.copy(of: LegacyRow.bob, sentAt: Self.logTime + skew - 5)
        let result = try Self.divergences(of: .copy(copy), LegacyRow.copyOperations, upTo: 3, skew: skew) {
            folds, last in
            guard case .copy(let copy) = last.row else { return }
            let mark = folds.mark(bob, message)
            #expect(mark?.readFlag == (copy.readAt != nil) && mark?.isStarred == copy.starred)
            #expect(folds.text(message) == copy.body)
            if copy.deletion != .everyone { #expect(mark?.isHidden == (copy.deletion == .own)) }
        }
        #expect(result.divergent == 0 && result.all > 100_000, "\(result)")
    }

    /// Messages before, between and after the member's stays, of which nobody knows at first who saw them.
    @Test(arguments: skews)
    func theWritesOfAParticipantEndInOneState(_ skew: Int64) throws {
        let start = Self.logTime + skew
        let context = [start - 5, start + 15, start + 25, start + 100].enumerated().map { index, sentAt in
            LegacyWrite(
                .insert, .copy(LegacyRow.copy(of: LegacyRow.cyd, key: "m\(index)", sentAt: sentAt)),
                sourceVersion: sentAt)
        }
        let row = LegacyWrite.Row.participant(LegacyRow.participant(LegacyRow.bob, joinedAt: start))
        let result = try Self.divergences(
            of: row, LegacyRow.participantOperations, upTo: 3, skew: skew, context: context)
        #expect(result.divergent == 0 && result.all > 10_000, "\(result)")
    }

    @Test(arguments: skews)
    func theWritesOfAThreadEndInOneState(_ skew: Int64) throws {
        let row = LegacyThread(
            thread: LegacyRow.thread, subject: Array("Engines".utf8), creator: LegacyRow.ada,
            createdAt: Self.logTime + skew)
        let result = try Self.divergences(of: .thread(row), LegacyRow.threadOperations, upTo: 3, skew: skew)
        #expect(result.divergent == 0 && result.all > 1_000, "\(result)")
    }

    @Test func twoCopiesOfAMessageEndInOneStateHoweverTheirWritesMix() throws {
        var (divergent, all) = (0, 0)
        for (one, other) in LegacyRow.copyOperations.flatMap({ one in LegacyRow.copyOperations.map { (one, $0) } }) {
            let ofBob = LegacyRow.writes(
                .copy(LegacyRow.copy(of: LegacyRow.bob, sentAt: Self.logTime)), [one], from: Self.logTime + 1)
            var second = LegacyRow.copy(of: LegacyRow.cyd, sentAt: Self.logTime)
            second.body = Array("hallo".utf8)
            let ofCyd = LegacyRow.writes(.copy(second), [other], from: Self.logTime + 2)
            let records = try (ofBob + ofCyd).sorted { $0.sourceVersion < $1.sourceVersion }.map(LegacyFolds.records)
            let expected = Self.folded([], records, [0, 1, 2, 3]).state
            for order in permutations([0, 1, 2, 3]) {
                all += 1
                if Self.folded([], records, order + [order[0]]).state != expected { divergent += 1 }
            }
        }
        #expect(divergent == 0 && all == 49 * 24, "\(divergent) of \(all)")
    }

    @Test func withoutTheVersionsTheStatesDiverge() throws {
        for (row, operations) in [
            (LegacyWrite.Row.copy(LegacyRow.copy(of: LegacyRow.bob, sentAt: 5)), LegacyRow.copyOperations),
            (.participant(LegacyRow.participant(LegacyRow.bob, joinedAt: 5)), LegacyRow.participantOperations),
            (
                .thread(LegacyThread(thread: LegacyRow.thread, subject: [], creator: LegacyRow.ada, createdAt: 5)),
                LegacyRow.threadOperations
            ),
        ] {
            let result = try Self.divergences(of: row, operations, upTo: 2, skew: 0, isGuarded: false)
            #expect(result.divergent > result.all / 10, "\(result)")
        }
    }
}
