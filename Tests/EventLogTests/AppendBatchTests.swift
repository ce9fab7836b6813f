import EventLog
import Testing

@Suite struct AppendBatchTests {
    private let partition = TopicPartition(.memberCommands, 1)

    @Test func everyWayOfAddingGivesTheSameEntry() {
        var batch = AppendBatch()
        batch.add(to: partition, key: Array(1...16), value: [7, 8])
        batch.add(to: partition, keyHigh: 0x0102_0304_0506_0708, keyLow: 0x090a_0b0c_0d0e_0f10) { $0 += [7, 8] }
        #expect(batch.count == 2)
        for entry in batch.entries {
            #expect(entry.partition == partition)
            #expect(Array(batch.bytes[entry.keyRange]) == Array(1...16))
            #expect(Array(batch.bytes[entry.valueRange]) == [7, 8])
        }
    }

    @Test func anEncoderThatThrowsLeavesNothing() {
        struct Stop: Error {}
        var batch = AppendBatch()
        batch.add(to: partition, key: [1], value: [2])
        let before = batch.bytes
        #expect(throws: Stop.self) {
            try batch.add(to: partition, keyHigh: 1, keyLow: 2) { buffer in
                buffer += [1, 2, 3]
                throw Stop()
            }
        }
        #expect(batch.bytes == before)
        #expect(batch.count == 1)
    }

    @Test func limitsAreCheckedPerEntryAndPerBatch() {
        let counts = PartitionCounts()
        func refusal(_ fill: (inout AppendBatch) -> Void) -> LogError.Code? {
            var batch = AppendBatch()
            fill(&batch)
            return #expect(throws: LogError.self) { try batch.validate(for: counts) }?.code
        }
        let large = [UInt8](repeating: 0, count: LogLimits.recordBytes)
        #expect(refusal { $0.add(to: partition, key: [1], value: large) } == .recordTooLarge)
        #expect(refusal { $0.add(to: partition, key: Array(large.prefix(1_025)), value: []) } == .recordTooLarge)
        #expect(refusal { $0.add(to: TopicPartition(.legacyWrites, 8), key: [], value: []) } == .noSuchPartition)
        #expect(
            refusal { batch in
                for _ in 0...LogLimits.batchRecords { batch.add(to: partition, key: [], value: []) }
            } == .batchTooLarge)
        #expect(
            refusal { batch in for _ in 0..<68 { batch.add(to: partition, key: [], value: large) } } == .batchTooLarge)
    }
}
