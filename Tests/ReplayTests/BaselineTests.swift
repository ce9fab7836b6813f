import EventLog
import Glibc
import Messaging
import Projection
import Simulation
import TestSupport
import Testing
import ViewStorage

@testable import Replay

/// Immutable files of records that a rebuild begins with.
@Suite struct BaselineTests {
    private static let topics: [Topic] = [.conversationCommands, .memberCommands]

    /// Where each partition was at half of its records.
    private func halves(_ rebuilt: RebuiltLog) throws -> [TopicPartition: Int64] {
        try rebuilt.log.endOffsets().mapValues { $0 / 2 }
    }

    private func write(_ rebuilt: RebuiltLog, until bounds: [TopicPartition: Int64], to directory: String) throws {
        try Baseline.write(rebuilt.log, until: bounds, to: directory, set: Identifier(high: 1, low: 99))
    }

    private func baseline(_ directory: String, _ rebuilt: RebuiltLog) throws -> Baseline {
        var baseline = try Baseline(directory, counts: rebuilt.log.partitionCounts)
        try baseline.check()
        return baseline
    }

    @Test(arguments: ProjectionName.allCases)
    func aRebuildFromABaselineAndTheRestOfTheLogIsEqual(_ view: ProjectionName) throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 21, count: 300).records)
            try rebuilt.appendJunk(key: .init(high: 7, low: 1), personal: false)
            try rebuilt.append(HistoryGenerator.history(seed: 22, count: 100).records)
            try rebuilt.project(view)
            let (rows, halves) = (try rebuilt.rows(view), try halves(rebuilt))
            try write(rebuilt, until: halves, to: directory + "/baseline")
            for (partition, half) in halves where Self.topics.contains(partition.topic) {
                try rebuilt.log.dropRecords(of: partition, before: half)
            }
            var options = ReplayOptions()
            options.baseline = try baseline(directory + "/baseline", rebuilt)
            #expect(
                options.baseline?.records == halves.filter { Self.topics.contains($0.key.topic) }.values.reduce(0, +))
            let (answer, differences) = try rebuilt.replay(view, options)
            #expect(differences == [])
            #expect(answer.outcome == .swapped)
            #expect(try rebuilt.rows(view) == rows)
            // Without it the beginning is missing, and that is said.
            #expect(throws: (any Error).self) { try rebuilt.replay(view) }
        }
    }

    @Test func recordsThatNeverWereInALogComeBeforeIt() throws {
        try withTemporaryDirectory { directory in
            let (whole, rest) = (try RebuiltLog(in: directory + "/whole"), try RebuiltLog(in: directory + "/rest"))
            for path in [whole.directory, rest.directory] { try require(mkdir(path, 0o777) == 0, "no directory") }
            let history = HistoryGenerator.history(seed: 23, count: 300).records
            try whole.append(history)
            try whole.project(.personal)
            try moveBeginning(of: whole, to: directory + "/baseline")
            try appendEnd(of: whole, to: rest)
            var options = ReplayOptions()
            options.baseline = try baseline(directory + "/baseline", rest)
            #expect(try rest.replay(.personal, options).answer.outcome == .swapped)
            // Only where records stand is another than in the whole log.
            let places: Set = ["orphan", "parked", "rejection"]
            let (found, expected) = (try rest.rows(.personal), try whole.rows(.personal))
            for (table, rows) in expected where !places.contains(table) { #expect(found[table] == rows, "\(table)") }
            #expect(found["orphan"]?.count == expected["orphan"]?.count)
            // A projector goes on from there.
            try rest.project(.personal)
            #expect(try rest.rows(.personal) == found)
        }
    }

    /// The first half of each partition, under offsets that end at -1.
    private func moveBeginning(of whole: RebuiltLog, to directory: String) throws {
        try require(mkdir(directory, 0o777) == 0, "no directory")
        for (partition, half) in try halves(whole) where Self.topics.contains(partition.topic) {
            let writer = try BaselineWriter(
                partition, of: whole.log.partitionCounts[partition.topic], in: directory,
                set: Identifier(high: 2, low: 2), next: 0)
            let batch = try whole.log.read(partition, from: 0, maxRecords: max(1, Int(half)), maxBytes: 1 << 24)
            try batch.forEachRecord { entry in
                guard entry.offset < half else { return }
                try writer.add(
                    BaselineRecord(
                        offset: entry.offset - half, appendTime: entry.appendTime, key: Array(entry.key),
                        value: Array(entry.value)))
            }
            try writer.finish()
        }
    }

    /// The other half into a log of its own, at the same times.
    private func appendEnd(of whole: RebuiltLog, to rest: RebuiltLog) throws {
        var entries: [(time: Int64, partition: TopicPartition, key: Identifier, value: [UInt8])] = []
        for (partition, half) in try halves(whole) where Self.topics.contains(partition.topic) {
            let batch = try whole.log.read(partition, from: half, maxRecords: 10_000, maxBytes: 1 << 24)
            batch.forEachRecord { entry in
                let key = Identifier(bytes: entry.key) ?? Identifier(high: 0, low: 0)
                entries.append((entry.appendTime, partition, key, Array(entry.value)))
            }
        }
        for entry in entries.sorted(by: { $0.time < $1.time }) {
            rest.clock.set(micros: entry.time)
            var batch = AppendBatch()
            batch.add(to: entry.partition, keyHigh: entry.key.high, keyLow: entry.key.low) { $0 += entry.value }
            _ = try rest.log.append(batch)
        }
    }

    @Test func everyDamagedByteIsFound() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory, partitions: 1)
            try rebuilt.append(HistoryGenerator.history(seed: 24, count: 12).records)
            try write(rebuilt, until: try rebuilt.log.endOffsets(), to: directory + "/baseline")
            let path = "\(directory)/baseline/conversation-commands-00000.baseline"
            let bytes = try contents(path)
            chmod(path, 0o644)
            for place in bytes.indices {
                var damaged = bytes
                damaged[place] ^= 0x10
                try replace(path, damaged)
                #expect(throws: ReplayError.self, "byte \(place)") { try baseline(directory + "/baseline", rebuilt) }
            }
            for length in [0, 10, 47, 48, 60, bytes.count - 1] {
                try replace(path, Array(bytes[..<length]))
                #expect(throws: ReplayError.self, "\(length) bytes") { try baseline(directory + "/baseline", rebuilt) }
            }
            try replace(path, bytes + [0])
            #expect(throws: ReplayError.self) { try baseline(directory + "/baseline", rebuilt) }
            try replace(path, bytes)
            #expect(
                try baseline(directory + "/baseline", rebuilt).records == rebuilt.log.endOffsets().values.reduce(0, +))
            unlink(path)
            let missing = #expect(throws: ReplayError.self) { try baseline(directory + "/baseline", rebuilt) }
            #expect(missing?.code == .missing)
        }
    }

    @Test func filesOfAnotherBaselineOrLogAreRefused() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 25, count: 30).records)
            try write(rebuilt, until: try rebuilt.log.endOffsets(), to: directory + "/one")
            #expect(throws: ReplayError.self) {
                try write(rebuilt, until: try rebuilt.log.endOffsets(), to: directory + "/one")
            }
            try Baseline.write(
                rebuilt.log, until: try halves(rebuilt), to: directory + "/two", set: Identifier(high: 5, low: 5))
            let name = "member-commands-00001.baseline"
            rename("\(directory)/two/\(name)", "\(directory)/one/\(name)")
            let mixed = #expect(throws: ReplayError.self) { try baseline(directory + "/one", rebuilt) }
            #expect(mixed?.code == .incompatible)
            // A log that ends before the baseline does is another one.
            let other = try RebuiltLog(in: directory)
            try write(rebuilt, until: try rebuilt.log.endOffsets(), to: directory + "/three")
            var options = ReplayOptions()
            options.baseline = try baseline(directory + "/three", other)
            let behind = #expect(throws: ReplayError.self) { try other.replay(.shared, options) }
            #expect(behind?.code == .incompatible)
        }
    }

    @Test func anInterruptedOneGoesOnAndAnotherBaselineCannot() throws {
        try withTemporaryDirectory { directory in
            let rebuilt = try RebuiltLog(in: directory)
            try rebuilt.append(HistoryGenerator.history(seed: 26, count: 200).records)
            try rebuilt.project(.shared)
            let rows = try rebuilt.rows(.shared)
            try write(rebuilt, until: try halves(rebuilt), to: directory + "/one")
            var options = ReplayOptions()
            options.baseline = try baseline(directory + "/one", rebuilt)
            var asked = 0
            let store = try rebuilt.generations(.shared).open(2, cachedRows: 1_000)
            let half = BaselineReplay(
                try #require(options.baseline), store, log: rebuilt.log,
                shouldStop: {
                    asked += 1
                    return asked > 1
                }, applied: { _ in })
            #expect(throws: ReplayError.self) { try half.run() }
            try store.release(owner: LeaseOwner(text: "baseline"))
            try Baseline.write(
                rebuilt.log, until: try halves(rebuilt), to: directory + "/two", set: Identifier(high: 5, low: 5))
            var others = options
            others.baseline = try baseline(directory + "/two", rebuilt)
            let other = #expect(throws: ReplayError.self) { try rebuilt.replay(.shared, others) }
            #expect(other?.code == .invalid)
            #expect(try rebuilt.replay(.shared, options).answer.outcome == .swapped)
            #expect(try rebuilt.rows(.shared) == rows)
        }
    }

    @Test func theChecksumIsTheOneOfTheStandard() {
        // RFC 3720, appendix B.4.
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
        #expect(CRC32C.of([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
        #expect(CRC32C.of(Array(0..<32)) == 0x46dd_794e)
    }

    private func contents(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        try require(count >= 0, "cannot read \(path)")
        return Array(bytes[..<count])
    }

    private func replace(_ path: String, _ bytes: [UInt8]) throws {
        let descriptor = open(path, O_WRONLY | O_TRUNC)
        defer { close(descriptor) }
        try require(
            descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count, "cannot write \(path)")
    }
}
