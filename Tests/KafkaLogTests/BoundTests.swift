import EventLog
import Synchronization
import TestSupport
import Testing

@testable import KafkaLog

/// What readers of a log hold of what they fetched, and what they are told to hold.
@Suite struct BoundTests {
    private static let counts = PartitionCounts(conversationCommands: 4, memberCommands: 2, legacyWrites: 1)

    @Test func theSumOfAllPartsIsNeverMoreThanTheWhole() {
        for topicPartitions in [1, 3, 12, 24, 48, 96, 1_000] {
            for mebibytes in [1, 2, 3, 5, 8, 16, 64, 500, 2_000] {
                for batchBytes in [1, 16 << 10, 256 << 10, 1_000_000] {
                    let whole = mebibytes << 20
                    let allowance = FetchAllowance(
                        wholeBytes: whole, batchBytes: batchBytes, topicPartitions: topicPartitions)
                    #expect(allowance.fetchBytes >= batchBytes && allowance.queueBytes >= 64 << 10)
                    #expect(allowance.totalBytes <= whole || allowance.partitions == 1, "\(whole): \(allowance)")
                    if allowance.partitions == 1 { #expect(allowance.partitionBytes * 2 > whole) }
                }
            }
            let usual = FetchAllowance(
                wholeBytes: FetchAllowance.defaultBytes(topicPartitions: topicPartitions),
                topicPartitions: topicPartitions)
            #expect(usual.partitions >= 2 * topicPartitions, "two readers of every partition have no room: \(usual)")
        }
    }

    @Test(.enabled(if: RealBrokers.areThere))
    func readersOfEveryPartitionNeverHoldMoreThanIsSet() throws {
        let heldKiB = 4_096
        let place = try RealBrokers.Place(
            Self.counts,
            properties: ["statistics.interval.ms": "50", "queued.max.messages.kbytes": "\(heldKiB)"])
        let log = try place.open()
        defer { log.close() }
        let partitions = Self.counts.all.filter { $0.topic != .legacyWrites }
        let perPartition = 6_000
        for partition in partitions {
            for start in stride(from: 0, to: perPartition, by: 3_000) {
                try append(log, to: partition, start..<start + 3_000, bytes: 400)
            }
        }
        var greatest = KafkaStatistics()
        // Two readers of each, at different places: more than may be fetched at the same time.
        var positions = partitions.flatMap { [($0, Int64(0)), ($0, Int64(perPartition / 2))] }
        while positions.contains(where: { $0.1 < perPartition }) {
            for index in positions.indices where positions[index].1 < perPartition {
                let (partition, offset) = positions[index]
                let read = try log.read(partition, from: offset, maxRecords: 700, maxBytes: 100_000)
                try expectRecords(read, from: offset)
                positions[index].1 = read.nextOffset
                Threads.sleep(millis: 15)
                let now = try #require(log.statistics)
                if now.bytesFetched > greatest.bytesFetched { greatest = now }
            }
        }
        #expect(greatest.bytesFetched <= greatest.bytesFetchedAtMost && greatest.overruns == 0, "\(greatest)")
        #expect(greatest.bytesFetchedAtMost <= Int64(heldKiB / 2) << 10, "\(greatest)")
        #expect(greatest.bytesFetched > 300_000, "hardly anything was fetched ahead: \(greatest)")
    }

    @Test(.enabled(if: RealBrokers.areThere))
    func aBatchThatDoesNotFitIsReadAllTheSameAndToldOf() throws {
        let place = try RealBrokers.Place(
            Self.counts, properties: ["batch.size": "1000000", "linger.ms": "100"])
        let (many, one) = (TopicPartition(.conversationCommands, 1), TopicPartition(.memberCommands, 0))
        let writer = try place.open()
        try append(writer, to: many, 0..<2_000, bytes: 450)
        try append(writer, to: one, 0..<1, bytes: 900_000)
        try append(writer, to: one, 1..<3, bytes: 100)
        writer.close()
        let told = Mutex<[String]>([])
        let small = try KafkaSettings(
            brokers: place.settings.brokers,
            properties: ["topic.prefix": place.settings.topicPrefix, "queued.max.messages.kbytes": "1024"])
        let log = try KafkaLog(small) { text in told.withLock { $0.append(text) } }
        defer { log.close() }
        for (partition, end) in [(many, Int64(2_000)), (one, 3)] {
            var offset: Int64 = 0
            while offset < end {
                let read = try log.read(partition, from: offset, maxRecords: 900, maxBytes: 1 << 20)
                try expectRecords(read, from: offset)
                offset = read.nextOffset
            }
        }
        let sentences = told.withLock { $0 }
        for partition in [many, one] {
            let about = sentences.filter { $0.contains("\(partition): ") }
            #expect(about.count == 1 && about[0].contains("kafka.queued.max.messages.kbytes"), "\(sentences)")
        }
    }

    private func append(_ log: KafkaLog, to partition: TopicPartition, _ numbers: Range<Int>, bytes: Int) throws {
        var batch = AppendBatch()
        for number in numbers {
            let text = Array("\(number) ".utf8)
            batch.add(to: partition, key: [7], value: text + [UInt8](repeating: 0x2e, count: bytes - text.count))
        }
        _ = try log.append(batch)
    }

    private func expectRecords(_ read: LogBatch, from offset: Int64) throws {
        try #require(!read.isEmpty)
        var next = offset
        read.forEachRecord { record in
            #expect(record.value.starts(with: "\(next) ".utf8) && record.offset == next)
            next += 1
        }
        #expect(read.nextOffset == next)
    }
}
