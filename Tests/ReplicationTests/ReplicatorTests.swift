import ContentProtection
import EventLog
import LegacyMailbox
import Messaging
import Replication
import TestSupport
import Testing
import Wire

@Suite struct ReplicatorTests {
    private let directory: ScratchDirectory
    private let log: InMemoryLog
    private let keys: any KeyService

    init() throws {
        directory = try ScratchDirectory()
        log = InMemoryLog(partitionCounts: PartitionCounts(conversationCommands: 2, memberCommands: 2, legacyWrites: 2))
        let master = try MasterKey.create(file: directory.path + "/master.key")
        keys = try SQLiteKeyService(file: directory.path + "/keys.sqlite", masterKey: master, ifMissing: .create)
    }

    private var file: String { directory.path + "/replication.sqlite" }

    private let records = LegacyRecords(format: OwnFormat(), namespace: .defaultNamespace)

    private func replicator(_ notices: @escaping (ReplicationNotice) -> Void = { _ in }) throws -> Replicator {
        try Replicator(
            log: log, store: try SQLiteReplicationStore(file, access: .replicate), keys: keys, records: records,
            settings: .init(seed: 1), observe: notices)
    }

    private func append(_ thread: String, value: [UInt8]) throws {
        let key = Array(thread.utf8)
        let partition = key.withUnsafeBytes { Partitioner.partition(of: $0, count: 2) }
        var batch = AppendBatch()
        batch.add(to: TopicPartition(.legacyWrites, partition), key: key, value: value)
        _ = try log.append(batch)
    }

    private func title(_ thread: String, _ version: Int64) -> [UInt8] {
        let row = LegacyThread(
            thread: Array(thread.utf8), subject: Array("v\(version)".utf8), creator: Array("ada".utf8), createdAt: 1)
        return LegacyWrite(version == 1 ? .insert : .update, .thread(row), sourceVersion: version).protobuf()
    }

    private func replicated() throws -> [Record] {
        var records: [Record] = []
        for (partition, end) in try log.endOffsets() where partition.topic == .conversationCommands && end > 0 {
            let batch = try log.read(partition, from: 0, maxRecords: 10_000, maxBytes: 1 << 30)
            try batch.forEachRecord { records.append(try RecordCodec.decode($0.value)) }
        }
        return records
    }

    private func lane(_ thread: String) -> ConversationID {
        .legacy(thread: Array(thread.utf8), namespace: .defaultNamespace)
    }

    @Test func recordsAreOfOriginLegacySealedAndNameTheirConverter() throws {
        try append("a", value: title("a", 1))
        try replicator().run(once: true) { false }
        let record = try #require(try replicated().first)
        #expect(record.origin == .legacy && record.sourceVersion == 1)
        #expect(record.verdicts.map(\.hook) == [Array("converter:thread".utf8)])
        guard case .createConversation(let create) = record.command else { return #expect(Bool(false)) }
        #expect(create.title?.bytes.count ?? 0 > 50)
    }

    @Test func aPoisonedLaneIsParkedAndOthersGoOnAcrossRestarts() throws {
        try append("a", value: title("a", 1))
        try append("bad", value: title("bad", 1))
        try append("bad", value: [0xff, 0xff])
        try append("bad", value: title("bad", 2))
        try append("a", value: title("a", 2))
        let first = try replicator()
        try first.run(once: true) { false }
        #expect(first.report.applied == 3 && first.report.parked == 2)
        try append("bad", value: title("bad", 3))
        try append("a", value: title("a", 3))
        withExtendedLifetime(first) {}
        let summaries = try SQLiteReplicationStore(file, access: .operate).summaries()
        #expect(summaries.map(\.lane.lane) == [lane("bad")] && summaries[0].lane.isDead && summaries[0].parked == 2)
    }

    @Test func aSkippedHeadLetsItsFollowersThroughInOrder() throws {
        try append("bad", value: [0xff])
        for version in 1...3 { try append("bad", value: title("bad", Int64(version))) }
        do { try replicator().run(once: true) { false } }
        let store = try SQLiteReplicationStore(file, access: .operate)
        #expect(throws: ReplicationError.self) {
            try store.request([lane("bad")], LaneOrder(skipsHead: true, operator: "ada", reason: ""), nowMillis: 1)
        }
        try store.request([lane("bad")], LaneOrder(skipsHead: true, operator: "ada", reason: "junk"), nowMillis: 1)
        let second = try replicator()
        try second.run(once: true) { false }
        #expect(second.report.parked == 0 && second.report.applied == 3)
        #expect(try replicated().map(\.sourceVersion) == [1, 2, 3])
        #expect(try store.summaries() == [] && store.requests(after: 0, limit: 9) == [])
        let result = try ReplicationAudit(log: log, records: records).run(store.load(), views: [])
        #expect(result.checked == 4)
    }

    @Test func theAuditFindsAWriteThatWasNeverApplied() throws {
        try append("a", value: title("a", 1))
        var stored = StoredLanes()
        for partition: Int32 in 0..<2 {
            let key = TopicPartition(.legacyWrites, partition)
            stored.positions[key] = try log.endOffset(of: key)
        }
        let audit = ReplicationAudit(log: log, records: records)
        #expect(try audit.run(stored, views: []).findings.count == 1)
        try replicator().run(once: true) { false }
        #expect(try audit.run(stored, views: []).isSound)
    }

    @Test func twoReplicatorsDoNotWorkOnOneStore() throws {
        let first = try replicator()
        #expect(throws: ReplicationError.self) { _ = try replicator() }
        withExtendedLifetime(first) {}
    }

    @Test func aRedriveAtARateStaysAskedForUntilItIsThrough() throws {
        try append("bad", value: [0xff])
        for version in 1...3 { try append("bad", value: title("bad", Int64(version))) }
        do { try replicator().run(once: true) { false } }
        do {
            let store = try SQLiteReplicationStore(file, access: .operate)
            try store.request([lane("bad")], LaneOrder(skipsHead: true, operator: "ada", reason: "junk"), nowMillis: 1)
            try store.request(
                [lane("bad")], LaneOrder(recordsPerSecond: 1_000, operator: "ada", reason: ""), nowMillis: 2)
        }
        // Stopped before anything is done: the requests stay.
        do { try replicator().run(once: true) { true } }
        #expect(try SQLiteReplicationStore(file, access: .operate).requests(after: 0, limit: 9).count == 2)
        let last = try replicator()
        try last.run(once: true) { false }
        #expect(last.report.parked == 0)
        let store = try SQLiteReplicationStore(file, access: .operate)
        #expect(try store.requests(after: 0, limit: 9) == [])
        #expect(try store.figures().counts["applied"] == 3 && store.figures().standing?.intake == "open")
        #expect(try store.auditLines(limit: 9).map(\.action) == ["redrive", "skipHead"])
    }

    @Test func manyLanesOnManyThreadsKeepTheOrderOfEach() throws {
        var versions: [String: Int64] = [:]
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<3_000 {
            let thread = "t\(Int.random(in: 0..<40, using: &generator))"
            versions[thread, default: 0] += 1
            try append(thread, value: title(thread, versions[thread]!))
        }
        var settings = Replicator.Settings(seed: 1)
        settings.recordsPerSlice = 16
        settings.threads = 3
        settings.lanes.recordsPerAttempt = 5
        let replicator = try Replicator(
            log: log, store: try SQLiteReplicationStore(file, access: .replicate), keys: keys, records: records,
            settings: settings
        ) { _ in }
        try replicator.run(once: true) { false }
        #expect(replicator.report.applied == 3_000)
        var seen: [ConversationID: [Int64]] = [:]
        for record in try replicated() { seen[record.conversation, default: []].append(record.sourceVersion ?? 0) }
        for (thread, last) in versions { #expect(seen[lane(thread)] == Array(1...last)) }
        let stored = try SQLiteReplicationStore(file, access: .operate).load()
        let result = try ReplicationAudit(log: log, records: records).run(stored, views: [])
        #expect(result.isSound && result.checked == 3_000 && result.commands == 3_000)
    }

    @Test func theAuditFindsCommandsOutOfTheOrderOfTheirWrites() throws {
        for version in 1...2 { try append("a", value: title("a", Int64(version))) }
        try replicator().run(once: true) { false }
        let stored = try SQLiteReplicationStore(file, access: .operate).load()
        let other = InMemoryLog(partitionCounts: log.partitionCounts)
        for (partition, end) in try log.endOffsets() where end > 0 {
            var entries: [(key: [UInt8], value: [UInt8])] = []
            try log.read(partition, from: 0, maxRecords: 100, maxBytes: 1 << 20).forEachRecord {
                entries.append((Array($0.key), Array($0.value)))
            }
            if partition.topic == .conversationCommands { entries.reverse() }
            for entry in entries {
                var batch = AppendBatch()
                batch.add(to: partition, key: entry.key, value: entry.value)
                _ = try other.append(batch)
            }
        }
        let result = try ReplicationAudit(log: other, records: records).run(stored, views: [])
        #expect(result.findings.count == 1 && result.findings[0].reason.contains("before"))
    }

    @Test func theAuditAsksTheViewsForEveryCommandTheyHaveComeTo() throws {
        for version in 1...2 { try append("a", value: title("a", Int64(version))) }
        try replicator().run(once: true) { false }
        let stored = try SQLiteReplicationStore(file, access: .operate).load()
        let ids = try replicated().map(\.id)
        let place = try #require(try log.endOffsets().first { $0.key.topic == .conversationCommands && $0.value == 2 })
            .key
        let audit = ReplicationAudit(log: log, records: records)
        for (position, known, findings) in [(2, 2, 0), (2, 1, 1), (1, 1, 0), (0, 0, 0)] {
            let view = AuditedView(
                name: "shared", topics: [.conversationCommands], positions: [place: Int64(position)]
            ) { body in
                for id in ids.prefix(known) { body(DumpLine(Array("{\"command\":\"\(id)\"}".utf8))) }
            }
            let result = try audit.run(stored, views: [view])
            #expect(result.findings.count == findings, "\(position), \(known)")
            #expect(result.proven["shared"] ?? 0 == min(known, position) && result.ahead["shared"] ?? 0 == 2 - position)
        }
    }
}
