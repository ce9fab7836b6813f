import EventLog
import KafkaLog
import TestSupport
import Testing

@Suite struct KafkaLogTests {
    private static let counts = PartitionCounts(conversationCommands: 3, memberCommands: 2, legacyWrites: 1)

    @Test(arguments: LogConformance.checks)
    func keepsTheContractOnMockBrokers(_ check: LogConformance.Check) throws {
        let brokers = try MockBrokers(Self.counts)
        try run(check) { try brokers.open() }
        withExtendedLifetime(brokers) {}
    }

    @Test(.enabled(if: RealBrokers.areThere), arguments: LogConformance.checks)
    func keepsTheContractOnRealBrokers(_ check: LogConformance.Check) throws {
        let place = try RealBrokers.Place(Self.counts)
        try run(check) { try place.open() }
    }

    @Test(.enabled(if: RealBrokers.areThere))
    func readsBeginInTheMiddleOfCompressedBatches() throws {
        let place = try RealBrokers.Place(Self.counts, properties: ["compression.type": "lz4"])
        let log = try place.open()
        defer { log.close() }
        var batch = AppendBatch()
        let partition = TopicPartition(.memberCommands, 1)
        for number in 0..<500 { batch.add(to: partition, key: [1], value: Array("record \(number)".utf8)) }
        _ = try log.append(batch)
        for from in [499, 0, 250, 251, 3] {
            let read = try log.read(partition, from: Int64(from), maxRecords: 1_000, maxBytes: 1 << 20)
            let first = read.isEmpty ? "nothing" : read.withRecord(at: 0) { String(decoding: $0.value, as: UTF8.self) }
            #expect(first == "record \(from)")
            #expect(read.nextOffset == 500 && read.count == 500 - from)
        }
    }

    private func run(_ check: LogConformance.Check, _ open: @escaping @Sendable () throws -> any EventLog) throws {
        let reopen: @Sendable (any EventLog) throws -> any EventLog = { log in
            log.close()
            return try open()
        }
        try check.run(LogFixture(clock: nil, open: open, reopen: reopen, another: { _ in try open() }))
    }
}
