import EventLog
import Messaging
import Projection

extension ViewStoreConformance {
    static let parking: [Check] = [
        Check("anUnreadableRecordParksItsLaneAndOthersGoOn") { bench in
            let epochs = try bench.claim()
            let items: [ProjectionBatch.Item] = [
                .record(bench.record(bench.first, 0, bench.ann, bench.room, bench.create)),
                .unreadable(bench.unreadable(bench.first, 1, bench.garden)),
                .record(bench.record(bench.first, 2, bench.ann, bench.garden, bench.create)),
                .record(bench.record(bench.first, 3, bench.ann, bench.room, bench.send(1))),
            ]
            let report = try bench.store.apply(bench.batch(items, epochs))
            try require((report.accepted, report.parked) == (2, 2), "the report is \(report)")
            try require(try bench.store.positions()[bench.first] == 4, "the partition does not go on")
            let clean = try bench.fixture.open()
            let alone = try clean.claim(bench.partitions, owner: bench.one, leaseMicros: bench.long)
            var rest = bench.batch([items[0], items[3]], alone)
            rest.moves[bench.first] = ProjectionBatch.Move(from: 0, to: 4)
            _ = try clean.apply(rest)
            let (found, expected) = (try bench.fixture.contents(bench.store), try bench.fixture.contents(clean))
            try require(found == expected, "the lane that is parked left rows, or the other one lacks some")
        },
        Check("laterRecordsOfAParkedLaneQueueBehindItInOrder") { bench in
            let epochs = try bench.claim()
            let broken = bench.unreadable(bench.first, 0, bench.garden)
            _ = try bench.store.apply(bench.batch([.unreadable(broken)], epochs))
            let behind = [
                bench.record(bench.first, 1, bench.ann, bench.garden, bench.create),
                bench.record(bench.first, 2, bench.ann, bench.garden, bench.send(1)),
            ]
            for logged in behind {
                let report = try bench.store.apply(bench.batch([logged], epochs))
                try require(report.parked == 1 && report.records == 1, "the report is \(report)")
            }
            let another = try bench.another()
            let parked = try bench.fixture.parked(another)
            try require(parked.map(\.offset) == [0, 1, 2], "parked are \(parked.map(\.offset))")
            try require(parked.first == broken, "the head is kept otherwise: \(parked)")
            for (found, logged) in zip(parked.dropFirst(), behind) {
                let expected = UnreadableRecord.parked(logged, in: bench.first, reason: found.reason)
                try require(found == expected && !found.reason.isEmpty, "kept is \(found)")
            }
            let rest = bench.opening(bench.second, bench.room)
            let report = try bench.store.apply(bench.batch(rest, epochs))
            try require(report.accepted == 2 && report.parked == 0, "another lane does not go on: \(report)")
        },
        Check("whatIsParkedAndWhatIsAppliedCommitTogether") { bench in
            let epochs = try bench.claim()
            let items: [ProjectionBatch.Item] = [
                .unreadable(bench.unreadable(bench.first, 0, bench.garden)),
                .record(bench.record(bench.first, 1, bench.ann, bench.room, bench.create)),
            ]
            var batch = bench.batch(items, epochs)
            batch.epochs[bench.first] = (epochs[bench.first] ?? 0) + 1
            try bench.expectFenced("a batch under an epoch to come") { _ = try bench.store.apply(batch) }
            batch.epochs = epochs
            _ = try bench.store.apply(batch)
            try require(try bench.fixture.parked(bench.store).count == 1, "nothing is parked")
        },
    ]
}

extension ViewBench {
    /// Bytes that are no record, in a conversation's lane.
    fileprivate func unreadable(
        _ partition: TopicPartition, _ offset: Int64, _ conversation: ConversationID
    ) -> UnreadableRecord {
        UnreadableRecord(
            partition: partition, offset: offset, appendTime: 1_000 + offset, key: conversation.value.bytes,
            value: [0xff, 0x00, 0x27], reason: "cannot be read")
    }
}
