import EventLog
import SQLiteLog
import Testing

struct LastOrdTests {
    @Test func anOrdAheadOfTheClockIsTakenAsFarAsTheConversationHasCome() throws {
        let program = try Program()
        #expect(try program.run(["append", "-"], input: Lines.send(1)).code == 0)
        let ahead = LogClock.system.nowMicros() + 3_600_000_000
        // As after a clock that was set back: the conversation has a record of an hour ahead.
        let log = try SQLiteLog(
            directory: program.data + "/log", options: .init(clock: LogClock { ahead }, busyTimeoutMillis: 30_000))
        let partition = try #require(try log.endOffsets().first { $0.value > 0 }).key
        let page = try log.read(partition, from: 0, maxRecords: 1, maxBytes: 1)
        var batch = AppendBatch()
        page.withRecord(at: 0) { batch.add(to: partition, key: $0.key, value: $0.value) }
        _ = try log.append(batch)
        log.close()
        func read(_ ord: Int64) throws -> Int32 {
            try program.run(["read", Lines.conversation(1), "--as", Lines.member(1), "--up-to", "\(ord)"]).code
        }
        #expect(try read(ahead) == 65)
        #expect(try program.run(["project", "personal", "--once"]).code == 0)
        #expect(try read(ahead) == 0)
        #expect(try read(ahead + 1) == 65)
    }
}
