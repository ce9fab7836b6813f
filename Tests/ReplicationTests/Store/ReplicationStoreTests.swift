import EventLog
import Messaging
import Replication
import TestSupport
import Testing

/// What every replicator's store must do.
@Suite struct ReplicationStoreTests {
    private func lane(_ number: UInt64) -> ConversationID { ConversationID(Identifier(high: 7, low: number)) }

    private func position(_ offset: Int64, _ partition: Int32 = 0) -> Position {
        Position(TopicPartition(.legacyWrites, partition), offset)
    }

    private func record(_ number: UInt64, _ offset: Int64, _ partition: Int32 = 0) -> LaneRecord {
        LaneRecord(lane: lane(number), position: position(offset, partition))
    }

    private func payload(_ position: Position) -> Payload {
        Payload(
            key: [1, UInt8(position.offset)], value: [0, 0xff, UInt8(position.offset)],
            appendMicros: 1_000 + position.offset)
    }

    private func row(_ number: UInt64, isDead: Bool, cause: String = "why\u{0}not") -> StoredLane {
        StoredLane(
            lane: lane(number), isDead: isDead, dueMillis: 17, attempts: 3, failingSinceMillis: 5,
            failure: LaneFailure(isDead ? .permanent : .transient, cause))
    }

    /// Lane 1 has records 3 and 5 of partition 0, lane 2 record 4 of partition 1; record 2 was skipped.
    private var first: ReplicationStep {
        var step = ReplicationStep()
        step.changes.positions = [position(0).partition: 2, position(0, 1).partition: 5]
        step.changes.parked = [record(1, 3), record(1, 5), record(2, 4, 1)]
        step.changes.lanes = [row(1, isDead: true, cause: "bad"), row(2, isDead: false, cause: "away")]
        step.changes.skipped = [record(3, 2)]
        step.counts = ["read": 5, "failures.permanent": 1]
        step.standing = ReplicationStanding(intake: "outage", outageSinceMillis: 9)
        return step
    }

    @Test(arguments: StoreKind.available)
    func whatIsSavedIsLoadedAgain(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            do {
                let store = try fixture.open()
                #expect(try store.load().positions.isEmpty && store.figures() == ReplicationFigures())
                try store.save(first, payload: payload)
                try store.release()
            }
            let store = try fixture.open()
            let stored = try store.load()
            #expect(stored.positions == first.changes.positions)
            #expect(stored.lanes == first.changes.lanes)
            #expect(stored.parked == [record(1, 3), record(1, 5), record(2, 4, 1)])
            #expect(stored.skipped == [position(2)])
            let figures = try store.figures()
            #expect(figures.counts == first.counts && figures.standing == first.standing)
            #expect(figures.positions == first.changes.positions)
        }
    }

    @Test(arguments: StoreKind.available)
    func recordsLeaveWithTheirLaneAndSkipsWithThePosition(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            try store.save(first, payload: payload)
            var step = ReplicationStep()
            step.changes.positions = [position(0).partition: 9]
            step.changes.removed = [record(1, 3), record(2, 4, 1)]
            step.changes.goneLanes = [lane(2)]
            step.changes.lanes = [row(1, isDead: false, cause: "again")]
            step.counts = ["read": 2]
            step.standing = ReplicationStanding(intake: "open", outageSinceMillis: nil)
            try store.save(step) { _ in nil }
            let stored = try store.load()
            #expect(stored.positions == [position(0).partition: 9, position(0, 1).partition: 5])
            #expect(stored.lanes == step.changes.lanes && stored.parked == [record(1, 5)] && stored.skipped == [])
            #expect(try store.figures().counts["read"] == 7 && store.figures().standing == step.standing)
        }
    }

    @Test(arguments: StoreKind.available)
    func bytesOfParkedRecordsComeBackInTheOrderAskedFor(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            try store.save(first, payload: payload)
            let wanted = [record(2, 4, 1), record(1, 5), record(1, 3)]
            #expect(try store.payloads(of: wanted) == wanted.map { payload($0.position) })
            #expect(throws: ReplicationError.self) { try store.payloads(of: [record(1, 3), record(1, 4)]) }
            #expect(try store.payloads(of: []) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func aCauseOfAnyTextIsKept(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            var step = ReplicationStep()
            step.changes.parked = [record(1, 3)]
            step.changes.lanes = [row(1, isDead: true)]
            try store.save(step, payload: payload)
            let cause = try store.load().lanes[0].failure.cause
            #expect(Array(cause.utf8).starts(with: Array("why".utf8)))
            #expect(Array(cause.utf8).count == 7)
        }
    }

    @Test(arguments: StoreKind.available)
    func operatorsSeeLanesAndTheirRecordsPageByPage(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            try store.save(first, payload: payload)
            let desk = try fixture.open(.operate)
            let summaries = try desk.summaries()
            #expect(summaries.map(\.lane) == first.changes.lanes)
            #expect(summaries.map(\.parked) == [2, 1] && summaries.map(\.oldestMicros) == [1_003, 1_004])
            let page = try desk.parked(of: lane(1), after: nil, limit: 1)
            #expect(page == [ParkedRecord(position: position(3), payload: payload(position(3)))])
            #expect(try desk.parked(of: lane(1), after: page[0].position, limit: 9).map(\.position) == [position(5)])
            #expect(try desk.parked(of: lane(1), after: position(5), limit: 9) == [])
            #expect(try desk.isOwned())
            try store.release()
            #expect(try !desk.isOwned())
        }
    }

    @Test(arguments: StoreKind.available)
    func requestsWaitUntilTheyAreHandledAndLeaveAnAuditLine(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            let desk = try fixture.open(.operate)
            let slowly = LaneOrder(recordsPerSecond: 10, operator: "ada", reason: "")
            try desk.request([lane(2), lane(1)], slowly, nowMillis: 44)
            try desk.request([lane(1)], LaneOrder(skipsHead: true, operator: "bob", reason: "junk"), nowMillis: 45)
            let found = try store.requests(after: 0, limit: 10)
            #expect(found.map(\.lane) == [lane(2), lane(1), lane(1)])
            #expect(found.map(\.skipsHead) == [false, false, true] && found.map(\.recordsPerSecond) == [10, 10, 0])
            #expect(try store.requests(after: found[1].id, limit: 10) == [found[2]])
            #expect(try store.requests(after: 0, limit: 1) == [found[0]])
            var step = ReplicationStep()
            step.handled = Array(found.prefix(2))
            try store.save(step) { _ in nil }
            #expect(try store.requests(after: 0, limit: 10) == [found[2]])
            let lines = try desk.auditLines(limit: 10)
            #expect(lines.map(\.action) == ["skipHead", "redrive", "redrive"])
            #expect(
                lines[0] == AuditLine(atMillis: 45, action: "skipHead", lane: lane(1), operator: "bob", reason: "junk"))
            // Ids of requests that are gone are not given again: whoever reads on after them would miss the new ones.
            step.handled = try store.requests(after: 0, limit: 10)
            try store.save(step) { _ in nil }
            try desk.request([lane(3)], slowly, nowMillis: 46)
            #expect(try store.requests(after: found[2].id, limit: 10).map(\.lane) == [lane(3)])
        }
    }

    @Test(arguments: StoreKind.available)
    func skippingNeedsWhoAndWhy(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            for order in [
                LaneOrder(skipsHead: true, operator: "ada", reason: ""),
                LaneOrder(skipsHead: true, operator: "", reason: "junk"), LaneOrder(operator: "", reason: ""),
            ] {
                #expect(throws: ReplicationError.self) { try store.request([lane(1)], order, nowMillis: 1) }
            }
            #expect(try store.requests(after: 0, limit: 9) == [] && store.auditLines(limit: 9) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func aSecondReplicatorIsKeptOutUntilTheFirstIsGone(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let store = try fixture.open()
            let error = #expect(throws: ReplicationError.self) { _ = try fixture.open() }
            #expect(error?.code == .busy && error?.isRetriable == true)
            try store.release()
            let second = try fixture.open()
            #expect(try second.isOwned())
        }
    }

    @Test(arguments: StoreKind.available)
    func aStoreThatIsNotThereIsMissingToOperators(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            let error = #expect(throws: ReplicationError.self) { _ = try fixture.open(.operate) }
            #expect(error?.code == .missing)
        }
    }

    @Test(arguments: StoreKind.available)
    func migratingMakesTheStoreAndTakesItFromNobody(_ kind: StoreKind) throws {
        try StoreFixture.with(kind) { fixture in
            if kind == .postgres {
                let store = try fixture.open(.migrate)
                #expect(try !store.isOwned())
            } else {
                do { _ = try fixture.open(.migrate) }
            }
            #expect(try fixture.open(.operate).summaries() == [])
            _ = try fixture.open()
        }
    }
}
