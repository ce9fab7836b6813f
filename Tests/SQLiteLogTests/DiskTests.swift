import EventLog
import SQLiteLog
import Synchronization
import TestSupport
import Testing

/// What the disk does to the log.
@Suite struct DiskTests {
    @Test func aFullDiskRefusesAppendsUntilThereIsSpace() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            let log = try SQLiteLog(directory: directory, options: .init(vfs: disk.vfs))
            defer { log.close() }
            try Logs.append(0..<3, of: log)
            for space in [0, 5_000, 100_000] {
                disk.setSpace(space)
                let error = #expect(throws: LogError.self) {
                    try Logs.append(3..<103, valueCount: 10_000, of: log)
                }
                #expect(error?.code == .full && error?.isRetriable == true && error?.outcomeUnknown == false)
                #expect(try log.endOffset(of: Logs.partition) == 3)
                #expect(try Logs.keys(log) == ["0", "1", "2"])
            }
            disk.setSpace(nil)
            #expect(try Logs.append(3..<5, of: log).map(\.offset) == [3, 4])
            #expect(try Logs.keys(log) == ["0", "1", "2", "3", "4"])
            _ = try log.verify()
        }
    }

    /// The commit still fits, moving the write-ahead log into the file does not.
    @Test func aFullDiskDuringACheckpointEndsNothing() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            let log = try SQLiteLog(directory: directory, options: .init(vfs: disk.vfs))
            defer { log.close() }
            for round in 0..<3 {
                disk.setSpace(10_000_000)
                try Logs.append(round * 10..<round * 10 + 10, valueCount: 900_000, of: log)
                #expect(disk.space < 900_000, "the checkpoint did not run out of space")
                let error = #expect(throws: LogError.self) { try Logs.append(90..<91, valueCount: 900_000, of: log) }
                #expect(error?.code == .full)
                disk.setSpace(nil)
                try Logs.append(round..<round + 1, to: Logs.other, of: log)
            }
            #expect(try Logs.keys(log) == (0..<30).map { String($0) })
            _ = try log.verify()
        }
    }

    @Test func aFailedSyncIsFatalAndNothingIsAppendedAfterIt() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            let told = Mutex<[LogError]>([])
            let options = SQLiteLog.Options(onFatal: { error in told.withLock { $0.append(error) } }, vfs: disk.vfs)
            let log = try SQLiteLog(directory: directory, options: options)
            defer { log.close() }
            try Logs.append(0..<1, of: log)
            disk.failSyncs(true)
            let error = #expect(throws: LogError.self) { try Logs.append(1..<2, of: log) }
            #expect(error?.code == .inputOutput && error?.outcomeUnknown == true)
            #expect(error?.message.contains(Logs.file(directory)) == true)
            disk.failSyncs(false)
            #expect(throws: LogError.self) { try Logs.append(2..<3, of: log) }
            #expect(told.withLock { $0.map(\.code) } == [.inputOutput])
        }
    }

    @Test func aFailedWriteIsFatal() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            let told = Mutex<[LogError]>([])
            let options = SQLiteLog.Options(onFatal: { error in told.withLock { $0.append(error) } }, vfs: disk.vfs)
            let log = try SQLiteLog(directory: directory, options: options)
            defer { log.close() }
            disk.failWrites(true)
            #expect(throws: LogError.self) { try Logs.append(0..<1, of: log) }
            #expect(told.withLock { $0.count } == 1)
        }
    }

    @Test func aFailedSyncEndsTheProcessWithItsReason() throws {
        try withTemporaryDirectory { directory in
            let child = try ChildProcess("log-process", ["fail-sync", directory], errorPath: "\(directory)/error")
            #expect(child.readLine() == nil)
            #expect(child.wait() == 74)
            let said = String(decoding: try Logs.readFile("\(directory)/error"), as: UTF8.self)
            #expect(said.contains("log.sqlite") && said.contains("the process ends"), "\(said)")
        }
    }

    /// While four threads append, the power is lost at random moments: what was answered before is there after.
    @Test func whatWasAnsweredSurvivesALossOfPower() throws {
        try withTemporaryDirectory { directory in
            let disk = FaultyDisk()
            let log = try SQLiteLog(directory: "\(directory)/log", options: .init(vfs: disk.vfs))
            let answered = Mutex<[Int64: Int]>([:])
            let stop = Atomic(false)
            let appenders = (0..<4).map { thread in
                Threads.start {
                    for round in 0..<10_000 where !stop.load(ordering: .relaxed) {
                        let number = thread * 10_000 + round
                        let offset = try Logs.append(number..<number + 1, valueCount: 3_000, of: log)[0].offset
                        answered.withLock { $0[offset] = number }
                    }
                }
            }
            for moment in 0..<12 {
                Threads.sleep(millis: 15)
                let known = answered.withLock { $0 }
                let after = "\(directory)/after-\(moment)"
                try makeDirectory(after)
                try disk.saveSynced(to: after)
                try Logs.writeFile("\(after)/log.wakeup", [0x0a])
                let image = try SQLiteLog(directory: after)
                defer { image.close() }
                let keys = try Logs.keys(image)
                let lost = known.filter { $0.key >= keys.count || keys[Int($0.key)] != String($0.value) }
                #expect(lost.isEmpty, "moment \(moment): \(lost.count) of \(known.count) are lost")
                _ = try image.verify()
            }
            stop.store(true, ordering: .relaxed)
            for one in appenders { try one.join() }
            #expect(answered.withLock { $0.count } > 20)
            log.close()
        }
    }

    @Test func theWriteAheadLogStaysSmallBesideAFollower() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: directory)
            let follower = try SQLiteLog(directory: directory)
            for round in 0..<40 {
                try Logs.append(round..<round + 1, valueCount: 900_000, of: log)
                _ = try follower.read(Logs.partition, from: Int64(round), maxRecords: 1, maxBytes: 1)
            }
            let size = try Logs.readFile("\(directory)/log.sqlite-wal").count
            #expect(size < 24 << 20, "after 36 MB the write-ahead log has \(size) bytes")
            log.close()
            follower.close()
        }
    }
}
