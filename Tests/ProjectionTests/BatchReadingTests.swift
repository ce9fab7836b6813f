import EventLog
import Projection
import Simulation
import Synchronization
import TestSupport
import Testing

/// How projectors read a log.
@Suite struct BatchReadingTests {
    /// A log that gives little at a time, and notes where it was asked to go back or to jump.
    private final class LeafedLog: EventLog {
        private let log: any EventLog
        private let places = Mutex<[TopicPartition: Int64]>([:])
        private let jumps = Mutex<[String]>([])

        init(_ log: any EventLog) { self.log = log }

        var jumped: [String] { jumps.withLock { $0 } }
        var partitionCounts: PartitionCounts { log.partitionCounts }
        func append(_ batch: AppendBatch) throws -> [Appended] { try log.append(batch) }

        func read(
            _ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int
        ) throws -> LogBatch {
            let read = try log.read(partition, from: offset, maxRecords: min(3, maxRecords), maxBytes: maxBytes)
            let place = places.withLock { $0.updateValue(read.nextOffset, forKey: partition) } ?? 0
            if place != offset { jumps.withLock { $0.append("\(partition): \(place) to \(offset)") } }
            return read
        }

        func startOffset(of partition: TopicPartition) throws -> Int64 { try log.startOffset(of: partition) }
        func endOffset(of partition: TopicPartition) throws -> Int64 { try log.endOffset(of: partition) }
        func endOffsets() throws -> [TopicPartition: Int64] { try log.endOffsets() }
        func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
            try log.waitForRecords(past: past, timeoutMillis: timeoutMillis)
        }
        func close() { log.close() }
    }

    /// Commands of members are read no further in time than those of conversations; what came too early is kept.
    @Test func aLogIsReadFromItsBeginningToItsEndOnce() throws {
        try Rounds.run(10, first: 9_500_000) { seed in
            var dice = Dice(seed: seed)
            let clock = ManualClock(micros: 1_000)
            let world = ProjectedLog.inMemory(clock)
            for batch in batches(
                of: HistoryGenerator.history(seed: seed, count: 200, kind: .mixed).records, using: &dice)
            {
                clock.advance(byMicros: Int64(dice.below(50)))
                try world.append(batch.map(\.record))
            }
            let log = LeafedLog(world.log)
            let store = try SQLiteStore.open(.personal, ":memory:")
            let batchRecords = 10 + dice.below(30)
            var sizes: [Int] = []
            _ = try ProjectedLog(log).projector(store, batchRecords: batchRecords) { event in
                if case .applied(let report, _) = event { sizes.append(report.records) }
            }.catchUp()
            try require(log.jumped.isEmpty, "read again or not at all: \(log.jumped)")
            try require(
                sizes.dropLast().allSatisfy { $0 > batchRecords / 3 },
                "batches of \(sizes), where \(batchRecords) were wanted")
            try world.require(store, "the view differs from the model")
        }
    }
}
