import EventLog
import LegacyMailbox
import Messaging
import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: PostgresServer.isInstalled, Comment(rawValue: PostgresServer.skipped)))
struct PostgresStoreTests {
    private func withDatabase(_ body: (LegacyLocation, PostgresConnection) throws -> Void) throws {
        let server = try PostgresServer.shared()
        try server.withDatabase { address in
            let name = address.description.split(separator: "/").last.map(String.init) ?? ""
            try body(.postgres(url: server.url(name)), try PostgresConnection(address))
        }
    }

    private func draft(_ number: Int) -> LegacyStore.Draft {
        LegacyStore.Draft(
            sender: Array("ada".utf8), recipients: [Array("bob".utf8), Array("eve".utf8)],
            subject: Array("caf\u{e9}".utf8), body: Array("body \(number) \u{1f600}".utf8),
            deduplicationKey: Array("<\(number)>".utf8))
    }

    @Test func writersOfTheSameThreadsAtOnceGiveStrictVersionsAndLoseNothing() throws {
        try withDatabase { location, connection in
            let store = try LegacyStore.create(location)
            #expect(throws: Never.self) { try LegacyStore.create(location) }
            try Threads.run(4) { index in
                let store = try LegacyStore(location)
                for number in 0..<40 {
                    let thread = Array("t\(number % 3)".utf8)
                    let key = Array("<\(index * 1_000 + number)>".utf8)
                    _ = try store.send(draft(index * 1_000 + number), thread: thread)
                    _ = try store.edit(thread: thread, message: key, body: Array("edited".utf8))
                    _ = try store.markRead(thread: thread, message: key, owner: Array("bob".utf8), on: true)
                    if number % 10 == 9 { _ = try store.backfill(LegacyIdentifiers(namespace: .defaultNamespace)) }
                }
            }
            let log = InMemoryLog()
            let relay = try OutboxRelay(store, log: log)
            try relay.run(once: true, isStopped: { false })
            var last: [[UInt8]: Int64] = [:]
            var latest: [[UInt8]: LegacyWrite] = [:]
            for partition in log.partitionCounts.partitions(of: .legacyWrites) {
                try log.read(partition, from: 0, maxRecords: 100_000, maxBytes: 1 << 30).forEachRecord { record in
                    let write = try LegacyWrite(protobuf: Array(record.value))
                    #expect(write.sourceVersion > last[write.thread] ?? 0)
                    last[write.thread] = write.sourceVersion
                    if case .copy(let copy) = write.row { latest[copy.copyID] = write }
                }
            }
            let rows = try connection.query("SELECT copy_id, source_version, body, read_at FROM message_copy")
            #expect(rows.count == 4 * 40 * 3 && latest.count == rows.count)
            for row in 0..<rows.count {
                let write = try #require(latest[rows.bytes(row, 0)])
                guard case .copy(let copy) = write.row else { continue }
                #expect(try write.sourceVersion == rows.int64(row, 1))
                #expect(copy.body == rows.bytes(row, 2))
                #expect(try copy.readAt == rows.optionalInt64(row, 3))
            }
        }
    }

    @Test func relayIsAloneAndBackfillIsNoWrite() throws {
        try withDatabase { location, connection in
            let store = try LegacyStore.create(location)
            let sent = try store.send(draft(1), thread: Array("t".utf8))
            let other = try LegacyStore(location)
            let relay = try OutboxRelay(store, log: InMemoryLog())
            let error = #expect(throws: LegacyError.self) { try OutboxRelay(other, log: InMemoryLog()) }
            #expect(error?.code == .busy)
            #expect(try relay.moveBatch() == sent.count)
            let ids = LegacyIdentifiers(namespace: .defaultNamespace)
            #expect(try other.backfill(ids).copies == 3)
            #expect(try relay.moveBatch() == 0)
            let rows = try connection.query("SELECT DISTINCT message_id FROM message_copy")
            let message = ids.message(thread: Array("t".utf8), deduplicationKey: Array("<1>".utf8))
            #expect(rows.count == 1 && rows.text(0, 0) == message.description)
        }
    }

    @Test func databaseWithoutAStoreIsMissing() throws {
        try withDatabase { location, _ in
            let error = #expect(throws: LegacyError.self) { try LegacyStore(location) }
            try #require(error?.code == .missing)
        }
    }
}
