import EventLog
import TestSupport
import Testing

@Suite struct InMemoryLogTests {
    @Test(arguments: LogConformance.checks)
    func keepsTheContract(_ check: LogConformance.Check) throws {
        let clock = ManualClock(micros: 1)
        try check.run(.single(clock: clock) { InMemoryLog(clock: clock.clock) })
    }

    /// A check that a log doing nothing passes proves nothing.
    @Test(arguments: LogConformance.checks)
    func aLogThatDoesNothingFails(_ check: LogConformance.Check) throws {
        #expect(throws: (any Error).self) { try check.run(.single(clock: ManualClock(micros: 1)) { NoOpLog() }) }
    }

    @Test func recordsBeforeTheFirstKeptAreRefused() throws {
        let log = InMemoryLog()
        let partition = TopicPartition(.legacyWrites, 2)
        var batch = AppendBatch()
        for number in 0..<10 { batch.add(to: partition, key: [], value: [UInt8(number)]) }
        _ = try log.append(batch)
        try log.dropRecords(of: partition, before: 4)
        #expect(try log.startOffset(of: partition) == 4)
        let error = #expect(throws: LogError.self) { try log.read(partition, from: 3, maxRecords: 1, maxBytes: 1) }
        #expect(error?.code == .offsetOutOfRange)
        for part in ["3", "4", "10", "legacy-writes/2"] { #expect(error?.message.contains(part) == true) }
        let rest = try log.read(partition, from: 4, maxRecords: 100, maxBytes: 100)
        #expect(rest.count == 6 && rest.bytes == [4, 5, 6, 7, 8, 9])
    }
}

/// A log as it was.
@Suite struct BoundedLogTests {
    @Test func nothingBehindTheBoundsIsThere() throws {
        let log = InMemoryLog(partitionCounts: PartitionCounts(conversationCommands: 2, memberCommands: 1))
        let place = TopicPartition(.conversationCommands, 1)
        var batch = AppendBatch()
        for number in UInt64(0)..<5 {
            batch.add(to: place, keyHigh: 0, keyLow: number) { $0.append(UInt8(number)) }
        }
        _ = try log.append(batch)
        let then = BoundedLog(log, bounds: [place: 3])
        #expect(try then.read(place, from: 1, maxRecords: 100, maxBytes: 1_000).entries.map(\.offset) == [1, 2])
        #expect(try then.read(place, from: 3, maxRecords: 100, maxBytes: 1_000).isEmpty)
        #expect(throws: LogError.self) { try then.read(place, from: 4, maxRecords: 1, maxBytes: 1) }
        #expect(try then.endOffsets().values.max() == 3)
        #expect(try then.endOffset(of: TopicPartition(.conversationCommands, 0)) == 0)
        #expect(try !then.waitForRecords(past: [place: 3], timeoutMillis: 0))
        #expect(throws: LogError.self) { try then.append(batch) }
    }
}
