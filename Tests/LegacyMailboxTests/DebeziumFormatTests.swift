import LegacyMailbox
import Testing

@Suite struct DebeziumFormatTests {
    private let format = DebeziumFormat(mapping: .own)

    private func row(version: Int, body: String = "\"hi\"", message: String = "null") -> String {
        """
        {"copy_id":"1","thread_id":"t","owner":"ada","dedup_key":"<1>","folder":"inbox","sender":"bob",\
        "recipients":"[\\"ada\\"]","subject":"s","body":\(body),"attachments":"[]","in_reply_to":null,"sent_at":5,\
        "read_at":null,"starred":1,"deleted":0,"deleted_by":null,"edited_at":null,"source_version":\(version),\
        "conversation_id":null,"message_id":\(message)}
        """
    }

    private func envelope(_ op: String, before: String = "null", after: String = "null", table: String = "message_copy")
        -> [UInt8]
    {
        Array(
            """
            {"schema":{"type":"struct"},"payload":{"before":\(before),"after":\(after),"op":"\(op)","ts_ms":1,\
            "source":{"table":"\(table)","lsn":77,"ts_ms":9,"ts_us":9001,"snapshot":"false"}}}
            """.utf8)
    }

    private func copy(version: Int64, _ operation: LegacyWrite.Operation, body: String? = "hi") -> DecodedWrite {
        .write(
            LegacyWrite(
                operation,
                .copy(
                    LegacyCopy(
                        thread: Array("t".utf8), owner: Array("ada".utf8), copyID: Array("1".utf8),
                        deduplicationKey: Array("<1>".utf8), folder: LegacyFolder.inbox, sender: Array("bob".utf8),
                        recipients: [Array("ada".utf8)], subject: Array("s".utf8), body: body.map { Array($0.utf8) },
                        sentAt: 5, starred: true)), sourceVersion: version))
    }

    @Test func changesAndSnapshotReadsAreWritesWithTheRowsVersion() throws {
        #expect(try format.decode(key: [], value: envelope("c", after: row(version: 8))) == copy(version: 8, .insert))
        #expect(try format.decode(key: [], value: envelope("r", after: row(version: 8))) == copy(version: 8, .snapshot))
        let update = envelope("u", before: row(version: 7), after: row(version: 8))
        #expect(try format.decode(key: [], value: update) == copy(version: 8, .update))
    }

    @Test func deletionOfARowIsNewerThanItWas() throws {
        #expect(try format.decode(key: [], value: envelope("d", before: row(version: 8))) == copy(version: 9, .delete))
        let error = #expect(throws: LegacyError.self) { try format.decode(key: [], value: envelope("d")) }
        #expect(error?.code == .malformed)
    }

    @Test func bodyThatDidNotChangeIsNoBody() throws {
        let value = envelope("u", after: row(version: 8, body: "\"__debezium_unavailable_value\""))
        #expect(try format.decode(key: [], value: value) == copy(version: 8, .update, body: nil))
    }

    @Test func idsWrittenBackTombstonesAndOtherTablesAreNothing() throws {
        let backfill = envelope("u", before: row(version: 8), after: row(version: 8, message: "\"x\""))
        #expect(try format.decode(key: [], value: backfill) == .nothing(reason: "backfill"))
        #expect(try format.decode(key: [], value: []) == .nothing(reason: "tombstone"))
        #expect(try format.decode(key: [], value: envelope("c", table: "outbox")) == .nothing(reason: "otherTable"))
        #expect(try format.decode(key: [], value: Array("{\"ts_ms\":1}".utf8)) == .nothing(reason: "heartbeat"))
    }

    @Test func truncationIsNeverPassedOver() {
        #expect(throws: LegacyError.self) { try format.decode(key: [], value: envelope("t")) }
    }

    @Test func mappingNamesForeignTablesColumnsAndVersions() throws {
        let mapping = try LegacyMapping(
            json: Array(
                """
                {"copies":{"table":"mail","columns":{"thread":"conv","owner":"o","copy":"id","dedupKey":"mid",\
                "folder":null,"sender":"from","recipients":"rcpt","subject":null,"body":"text","attachments":null,\
                "inReplyTo":null,"sentAt":"at","readAt":null,"starred":"flagged","deleted":"gone","deletedBy":null,\
                "editedAt":null}},"sourceVersion":"ts","timeUnit":"millis"}
                """.utf8))
        let row = """
            {"conv":4,"o":"ada","id":17,"mid":"<1>","from":"bob","rcpt":"ada, eve","text":"hi","at":3,"flagged":true,\
            "gone":true}
            """
        let decoded = try DebeziumFormat(mapping: mapping).decode(
            key: [], value: envelope("c", after: row, table: "mail"))
        guard case .write(let write) = decoded, case .copy(let copy) = write.row else {
            Issue.record("\(decoded)")
            return
        }
        #expect(write.sourceVersion == 9001)
        #expect(copy.thread == Array("4".utf8) && copy.copyID == Array("17".utf8) && copy.sentAt == 3_000)
        #expect(copy.recipients == [Array("ada".utf8), Array("eve".utf8)])
        #expect(copy.starred && copy.deletion == .own && copy.folder == LegacyFolder.inbox)
    }

    @Test(arguments: ["{\"copys\":{}}", "{\"timeUnit\":\"days\"}", "{\"copies\":{\"columns\":{\"x\":\"y\"}}}", "[]"])
    func mappingsThatMakeNoSenseAreConfigurationErrors(_ text: String) {
        let error = #expect(throws: LegacyError.self) { try LegacyMapping(json: Array(text.utf8)) }
        #expect(error?.code == .configuration)
    }
}
