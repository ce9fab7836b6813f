import LegacyMailbox
import Messaging
import SQLite
import TestSupport
import Testing

@Suite struct BackfillTests {
    @Test func idsAreWrittenWithoutChangingVersionsOrFillingTheOutbox() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/legacy.sqlite"
            let store = try LegacyStore.create(file: file)
            let load = LegacyLoad(writers: 4, threads: 20, seconds: 60, actions: 300, seed: 7, skewMicros: 0)
            let report = try load.run(.sqlite(file: file))
            #expect(report.total >= 300)
            let database = try Connection(file)
            func sums() throws -> [Int64?] {
                try ["message_copy", "thread", "outbox"].flatMap {
                    [
                        try database.queryInt64("SELECT count(*) FROM \($0)"),
                        try database.queryInt64("SELECT sum(source_version % 1000000007) FROM \($0)"),
                    ]
                }
            }
            let before = try sums()
            #expect(before[4] == Int64(report.writes))
            let ids = LegacyIdentifiers(namespace: .defaultNamespace)
            let done = try store.backfill(ids)
            #expect(Int64(done.copies) == before[0] && Int64(done.threads) == before[2])
            #expect(try sums() == before)
            #expect(try store.backfill(ids) == LegacyStore.Backfilled())
            let query = try database.prepare(
                "SELECT thread_id, dedup_key, conversation_id, message_id FROM message_copy")
            while try query.step() {
                let thread = query.bytes(0)
                #expect(query.text(2) == ids.conversation(thread: thread).description)
                #expect(query.text(3) == ids.message(thread: thread, deduplicationKey: query.bytes(1)).description)
            }
        }
    }

    @Test func loadLeavesWhatItsOutboxSays() throws {
        try withTemporaryDirectory { directory in
            let file = directory + "/legacy.sqlite"
            _ = try LegacyStore.create(file: file)
            let load = LegacyLoad(writers: 8, threads: 10, seconds: 60, actions: 400, seed: 3, skewMicros: -600_000_000)
            _ = try load.run(.sqlite(file: file))
            let database = try Connection(file)
            var latest: [[UInt8]: LegacyWrite] = [:]
            var last: [[UInt8]: Int64] = [:]
            let outbox = try database.prepare("SELECT image FROM outbox ORDER BY source_version")
            while try outbox.step() {
                let write = try LegacyWrite(json: outbox.bytes(0))
                #expect(write.sourceVersion > last[write.thread] ?? 0)
                last[write.thread] = write.sourceVersion
                if case .copy(let copy) = write.row { latest[copy.copyID] = write }
            }
            let rows = try database.prepare("SELECT copy_id, source_version, body, read_at FROM message_copy")
            var count = 0
            while try rows.step() {
                let write = try #require(latest[rows.bytes(0)])
                guard case .copy(let copy) = write.row else { continue }
                #expect(write.sourceVersion == rows.int64(1))
                #expect(copy.body == rows.optionalBytes(2) && copy.readAt == rows.optionalInt64(3))
                count += 1
            }
            #expect(count == latest.count && count > 100)
        }
    }
}
