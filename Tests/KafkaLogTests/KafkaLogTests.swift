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

    private func run(_ check: LogConformance.Check, _ open: @escaping @Sendable () throws -> any EventLog) throws {
        let reopen: @Sendable (any EventLog) throws -> any EventLog = { log in
            log.close()
            return try open()
        }
        try check.run(LogFixture(clock: nil, open: open, reopen: reopen, another: { _ in try open() }))
    }
}
