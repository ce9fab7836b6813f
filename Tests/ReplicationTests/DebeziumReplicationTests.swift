import ContentProtection
import EventLog
import LegacyMailbox
import Messaging
import Replication
import TestSupport
import Testing
import Wire

/// Debezium's envelopes, as its PostgreSQL connector writes them, replicate the same as our own outbox.
@Suite struct DebeziumReplicationTests {
    private let bytes = { (text: String) in Array(text.utf8) }

    private func copy(
        _ owner: String, _ change: (inout LegacyCopy) -> Void = { _ in }
    ) -> LegacyCopy {
        var row = LegacyCopy(
            thread: bytes("t"), owner: bytes(owner), copyID: bytes("c-\(owner)"), deduplicationKey: bytes("<1>"),
            folder: LegacyFolder.inbox, sender: bytes("ada"), recipients: [bytes("bob")], subject: bytes("s"),
            body: bytes("hé \"hello\""), sentAt: 1_700_000_000_000_000)
        change(&row)
        return row
    }

    /// The life of a thread, one write a line.
    private var writes: [LegacyWrite] {
        let thread = LegacyThread(thread: bytes("t"), subject: bytes("plan"), creator: bytes("ada"), createdAt: 5)
        let part = { (owner: String, left: Int64?) in
            LegacyParticipant(
                thread: self.bytes("t"), owner: self.bytes(owner), joinedAt: 6, leftAt: left, folder: LegacyFolder.inbox
            )
        }
        return [
            LegacyWrite(.insert, .thread(thread), sourceVersion: 11),
            LegacyWrite(.insert, .participant(part("ada", nil)), sourceVersion: 12),
            LegacyWrite(.insert, .participant(part("bob", nil)), sourceVersion: 13),
            LegacyWrite(.insert, .copy(copy("ada")), sourceVersion: 14),
            LegacyWrite(.insert, .copy(copy("bob")), sourceVersion: 15),
            LegacyWrite(.update, .copy(copy("bob") { $0.readAt = 99 }), sourceVersion: 16),
            LegacyWrite(.update, .copy(copy("bob") { $0.starred = true }), sourceVersion: 17),
            LegacyWrite(
                .update, .copy(copy("ada") { ($0.body, $0.editedAt) = (self.bytes("new"), 1_700_000_000_000_100) }),
                sourceVersion: 18),
            LegacyWrite(.update, .copy(copy("bob") { $0.deletion = .own }), sourceVersion: 19),
            LegacyWrite(
                .update,
                .copy(copy("ada") { ($0.body, $0.deletion, $0.deletedBy) = (nil, .everyone, self.bytes("ada")) }),
                sourceVersion: 20),
            LegacyWrite(.update, .participant(part("bob", 77)), sourceVersion: 21),
        ]
    }

    // MARK: - Envelopes

    private func text(_ value: [UInt8]?) -> String {
        guard let value else { return "null" }
        var writer = JSONWriter()
        writer.string(value)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func number(_ value: Int64?) -> String { value.map(String.init) ?? "null" }

    private func row(_ write: LegacyWrite, version: Int64) -> (table: String, json: String) {
        switch write.row {
        case .thread(let row):
            (
                "thread",
                """
                {"thread_id":\(text(row.thread)),"subject":\(text(row.subject)),"creator":\(text(row.creator)),\
                "created_at":\(row.createdAt),"source_version":\(version),"conversation_id":null}
                """
            )
        case .participant(let row):
            (
                "participant",
                """
                {"thread_id":\(text(row.thread)),"owner":\(text(row.owner)),"joined_at":\(row.joinedAt),\
                "left_at":\(number(row.leftAt)),"folder":\(text(row.folder)),"source_version":\(version)}
                """
            )
        case .copy(let row):
            (
                "message_copy",
                """
                {"copy_id":\(text(row.copyID)),"thread_id":\(text(row.thread)),"owner":\(text(row.owner)),\
                "dedup_key":\(text(row.deduplicationKey)),"folder":\(text(row.folder)),"sender":\(text(row.sender)),\
                "recipients":"[\\"bob\\"]","subject":\(text(row.subject)),"body":\(text(row.body)),"attachments":"[]",\
                "in_reply_to":null,"sent_at":\(row.sentAt),"read_at":\(number(row.readAt)),\
                "starred":\(row.starred ? 1 : 0),"deleted":\(row.deletion.rawValue),"deleted_by":\(text(row.deletedBy)),\
                "edited_at":\(number(row.editedAt)),"source_version":\(version),"conversation_id":null,"message_id":null}
                """
            )
        }
    }

    /// As the connector writes it with `schemas.enable=true`; the schema itself says nothing to us and is shortened.
    private func envelope(_ write: LegacyWrite, op: String, snapshot: String = "false") -> [UInt8] {
        let (table, after) = row(write, version: write.sourceVersion)
        let before = op == "u" ? row(write, version: write.sourceVersion - 1).json : op == "d" ? after : "null"
        return bytes(
            """
            {"schema":{"type":"struct","fields":[{"type":"struct","fields":[],"optional":true,"field":"before"},\
            {"type":"struct","fields":[],"optional":true,"field":"after"}],"optional":false,\
            "name":"legacy.public.\(table).Envelope","version":2},"payload":{"before":\(before),\
            "after":\(op == "d" ? "null" : after),"source":{"version":"3.0.0.Final","connector":"postgresql",\
            "name":"legacy","ts_ms":1700000000123,"snapshot":"\(snapshot)","db":"mail",\
            "sequence":"[\\"24023119\\",\\"24023128\\"]","ts_us":1700000000123456,"ts_ns":1700000000123456000,\
            "schema":"public","table":"\(table)","txId":555,"lsn":24023128,"xmin":null},"transaction":null,\
            "op":"\(op)","ts_ms":1700000000555,"ts_us":1700000000555001,"ts_ns":1700000000555001000}}
            """)
    }

    private let key = Array(
        """
        {"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"thread_id"}],\
        "optional":false,"name":"legacy.public.message_copy.Key"},"payload":{"thread_id":"t"}}
        """.utf8)

    // MARK: - Replicating both

    /// What a log holds of commands: id, actor and version, by topic, in order.
    private func replicated(_ records: [(key: [UInt8], value: [UInt8])], _ format: any LegacyFormat) throws -> [String]
    {
        let directory = try ScratchDirectory()
        let log = InMemoryLog(
            partitionCounts: PartitionCounts(conversationCommands: 1, memberCommands: 1, legacyWrites: 1))
        let master = try MasterKey.create(file: directory.path + "/master.key")
        let keys = try SQLiteKeyService(file: directory.path + "/keys.sqlite", masterKey: master, ifMissing: .create)
        for record in records {
            var batch = AppendBatch()
            batch.add(to: TopicPartition(.legacyWrites, 0), key: record.key, value: record.value)
            _ = try log.append(batch)
        }
        let replicator = try Replicator(
            log: log, store: try SQLiteReplicationStore(directory.path + "/replication.sqlite", access: .replicate),
            keys: keys, records: LegacyRecords(format: format, namespace: .defaultNamespace),
            settings: .init(seed: 1)
        ) { _ in }
        try replicator.run(once: true) { false }
        #expect(replicator.report.parked == 0 && replicator.report.failures == [:])
        var found: [String] = []
        for (partition, end) in try log.endOffsets().sorted(by: { $0.key < $1.key })
        where partition.topic != .legacyWrites && end > 0 {
            try log.read(partition, from: 0, maxRecords: 1_000, maxBytes: 1 << 24).forEachRecord { entry in
                let record = try RecordCodec.decode(entry.value)
                let version = record.sourceVersion ?? -1
                found.append("\(partition) \(record.id) \(record.actor) \(record.conversation) \(version)")
            }
        }
        return found
    }

    @Test func changesReplicateTheSameAsOurOwnOutbox() throws {
        let own = try replicated(writes.map { ($0.thread, $0.protobuf()) }, OwnFormat())
        #expect(own.count >= writes.count)
        let debezium = try replicated(
            writes.map { (key, envelope($0, op: $0.operation == .insert ? "c" : "u")) }, DebeziumFormat(mapping: .own))
        #expect(debezium == own)
    }

    @Test func theRowsOfASnapshotAndTheirCopiesInTheStreamAreTheSameWrites() throws {
        let inserts = writes.filter { $0.operation == .insert }
        let streamed = try replicated(inserts.map { (key, envelope($0, op: "c")) }, DebeziumFormat(mapping: .own))
        var snapshots: [(key: [UInt8], value: [UInt8])] = []
        for (index, write) in inserts.enumerated() {
            let mark = index == 0 ? "first" : index == inserts.count - 1 ? "last" : "true"
            snapshots.append((key, envelope(write, op: "r", snapshot: mark)))
        }
        #expect(Set(streamed).isSubset(of: Set(try replicated(snapshots, DebeziumFormat(mapping: .own)))))
    }

    @Test func aRemovedRowIsADeletionAndItsTombstoneNothing() throws {
        let inserts = writes.filter { $0.operation == .insert }
        let records = inserts.map { (key: key, value: envelope($0, op: "c")) }
        let gone = LegacyWrite(.insert, .copy(copy("bob")), sourceVersion: 15)
        let with = try replicated(records + [(key, envelope(gone, op: "d"))], DebeziumFormat(mapping: .own))
        let also = try replicated(
            records + [(key, envelope(gone, op: "d")), (key, [])], DebeziumFormat(mapping: .own))
        let without = try replicated(records, DebeziumFormat(mapping: .own))
        #expect(with == also && with.count > without.count)
    }

    @Test func theLaneIsTheThreadWhateverSaysIt() throws {
        let records = LegacyRecords(format: DebeziumFormat(mapping: .own), namespace: .defaultNamespace)
        let lane = ConversationID.legacy(thread: bytes("t"), namespace: .defaultNamespace)
        let value = envelope(writes[3], op: "c")
        #expect(records.lane(key: key, value: value) == lane)
        #expect(records.lane(key: bytes(#"{"thread_id":"t"}"#), value: []) == lane, "without a schema, a tombstone")
        // A connector that keys by the primary key: the row says it, though the order is the partition's then.
        #expect(records.lane(key: bytes(#"{"copy_id":"c-ada"}"#), value: value) == lane)
        #expect(records.lane(key: bytes(#"{"copy_id":"c"}"#), value: bytes("{")) != lane)
        #expect(records.lane(key: [], value: []) != lane)
    }
}
