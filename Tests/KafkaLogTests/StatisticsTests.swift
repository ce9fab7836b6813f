import EventLog
import KafkaLog
import TestSupport
import Testing

/// What the clients of a log say of themselves.
@Suite struct StatisticsTests {
    private static let counts = PartitionCounts(conversationCommands: 1, memberCommands: 1, legacyWrites: 1)
    private static let partition = TopicPartition(.conversationCommands, 0)

    @Test func clientsCountNothingUnlessAsked() throws {
        let brokers = try MockBrokers(Self.counts)
        let log = try KafkaLog(brokers.settings, checksTopics: false)
        defer { log.close() }
        #expect(log.statistics == nil && log.statisticsMillis == 0)
    }

    @Test func whatAReaderFetchedAheadIsCountedAndNeverMoreThanItMayHold() throws {
        let boundKiB = 3_072
        let brokers = try MockBrokers(
            Self.counts,
            properties: ["statistics.interval.ms": "50", "queued.max.messages.kbytes": "\(boundKiB)"])
        let log = try KafkaLog(brokers.settings, checksTopics: false)
        defer { log.close() }
        let total = 8_000
        for start in stride(from: 0, to: total, by: 400) {
            var batch = AppendBatch()
            for number in start..<start + 400 {
                batch.add(to: Self.partition, key: [1], value: [UInt8](repeating: UInt8(number & 0xff), count: 500))
            }
            _ = try log.append(batch)
        }
        var (greatest, offset) = (KafkaStatistics(), Int64(0))
        while offset < total {
            let read = try log.read(Self.partition, from: offset, maxRecords: 100, maxBytes: 1 << 20)
            offset = read.nextOffset
            guard offset % 500 == 0 else { continue }
            Threads.sleep(millis: 60)
            let now = try #require(log.statistics)
            if now.bytesFetched > greatest.bytesFetched { greatest = now }
        }
        #expect(greatest.bytesFetched <= greatest.bytesFetchedAtMost && greatest.overruns == 0, "\(greatest)")
        #expect(greatest.bytesFetchedAtMost <= Int64(boundKiB / 2) << 10, "\(greatest)")
        #expect(greatest.recordsFetched > 100 && greatest.bytesFetched > 50_000, "\(greatest)")
        #expect("\(greatest)".contains("fetched ahead \(greatest.recordsFetched) (\(greatest.bytesFetched) bytes of"))
        let last = try statistics(of: log) { $0.recordsFetched == 0 && $0.recordsUnderWay == 0 }
        #expect(last.bytesFetched == 0 && last.bytesUnderWay == 0)
        let broker = try #require(last.brokers.values.first)
        #expect(last.brokers.count == 1 && broker.isUp && broker.roundTripMicros99 >= 0)
    }

    @Test func recordsUnderWayAndTheBrokerThatDoesNotAnswerAreSeen() throws {
        let brokers = try MockBrokers(
            Self.counts, properties: ["statistics.interval.ms": "50", "message.timeout.ms": "60000"])
        let log = try KafkaLog(brokers.settings, checksTopics: false)
        defer { log.close() }
        var batch = AppendBatch()
        for _ in 0..<50 { batch.add(to: Self.partition, key: [1], value: [1, 2, 3]) }
        _ = try log.append(batch)
        brokers.slowDown(millis: 500)
        let appending = batch
        let appender = Threads.start { _ = try log.append(appending) }
        let seen = try statistics(of: log) { $0.recordsUnderWay > 0 }
        #expect(seen.recordsUnderWay == 50 && seen.bytesUnderWay >= 150)
        brokers.slowDown(millis: 0)
        try appender.join()
    }

    /// The statistics once they are as they should be.
    private func statistics(of log: KafkaLog, when isThere: (KafkaStatistics) -> Bool) throws -> KafkaStatistics {
        for _ in 0..<200 {
            if let now = log.statistics, isThere(now) { return now }
            Threads.sleep(millis: 50)
        }
        throw TestFailure("not within 10 s: \(log.statistics.map { "\($0)" } ?? "nothing")")
    }
}
