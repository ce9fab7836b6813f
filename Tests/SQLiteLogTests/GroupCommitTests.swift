import EventLog
import SQLiteLog
import TestSupport
import Testing

@Suite struct GroupCommitTests {
    @Test func appendersAtTheSameTimeShareSyncs() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            let log = try SQLiteLog(directory: directory, options: .init(vfs: disk.vfs))
            defer { log.close() }
            disk.slowSyncs(micros: 2_000)
            let before = disk.syncs
            try Threads.run(8) { thread in
                for round in 0..<20 {
                    let number = thread * 100 + round
                    let answer = try Logs.append(number..<number + 1, of: log)[0]
                    let batch = try log.read(Logs.partition, from: answer.offset, maxRecords: 1, maxBytes: 1)
                    let key = batch.withRecord(at: 0) { String(decoding: $0.key, as: UTF8.self) }
                    try require(key == String(number), "answered \(answer.offset), where \(key) stands, not \(number)")
                }
            }
            let syncs = disk.syncs - before
            #expect(syncs <= 80, "160 appends took \(syncs) syncs")
            #expect(try log.endOffset(of: Logs.partition) == 160)
        }
    }

    /// What one caller does wrong is not answered to the others.
    @Test func aRefusedBatchHarmsNoOther() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: directory)
            defer { log.close() }
            try Threads.run(6) { thread in
                for round in 0..<20 {
                    if thread % 2 == 0 {
                        try Logs.append(round..<round + 1, of: log)
                    } else {
                        do {
                            try Logs.append(0..<1, valueCount: LogLimits.recordBytes + 1, of: log)
                            throw TestFailure("a record too large is taken")
                        } catch let error as LogError { try require(error.code == .recordTooLarge, "\(error)") }
                    }
                }
            }
            #expect(try log.endOffset(of: Logs.partition) == 60)
        }
    }

    @Test func batchesOfEverySizeTogetherKeepTheirPlaces() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: directory)
            defer { log.close() }
            try Threads.run(5) { thread in
                for round in 0..<12 {
                    let start = thread * 10_000 + round * 500
                    let count = [1, 3, 40, 400][(thread + round) % 4]
                    let offsets = try Logs.append(start..<start + count, valueCount: 900, of: log).map(\.offset)
                    try require(offsets == (0..<Int64(count)).map { offsets[0] + $0 }, "a batch has gaps: \(offsets)")
                    let batch = try log.read(Logs.partition, from: offsets[0], maxRecords: count, maxBytes: 1 << 24)
                    var keys: [String] = []
                    batch.forEachRecord { keys.append(String(decoding: $0.key, as: UTF8.self)) }
                    try require(keys == (start..<start + count).map { String($0) }, "others' records at \(offsets[0])")
                }
            }
            _ = try log.verify()
        }
    }
}
