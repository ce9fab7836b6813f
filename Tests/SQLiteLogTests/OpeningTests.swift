import EventLog
import Glibc
import SQLite
import SQLiteLog
import TestSupport
import Testing

@Suite struct OpeningTests {
    private func complaint(_ directory: String, _ counts: PartitionCounts? = nil) -> LogError? {
        #expect(throws: LogError.self) { try SQLiteLog(directory: directory, partitionCounts: counts) }
    }

    @Test func missingDirectoriesAreMade() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: "\(directory)/a/b//c/")
            try Logs.append(0..<1, of: log)
            log.close()
            #expect(try filesIn("\(directory)/a/b/c") == ["log.sqlite", "log.wakeup"])
        }
    }

    @Test func aFileInTheDirectorysPlaceIsNamed() throws {
        try withTemporaryDirectory { directory in
            try Logs.writeFile("\(directory)/file", [1])
            for path in ["\(directory)/file", "\(directory)/file/below"] {
                let error = complaint(path)
                #expect(error?.code == .cannotOpen)
                #expect(error?.message.contains(path) == true)
            }
        }
    }

    @Test func aDirectoryThatMayNotBeWrittenIsNamed() throws {
        try withTemporaryDirectory { directory in
            try Logs.make("\(directory)/full")
            try makeDirectory("\(directory)/empty")
            for path in ["\(directory)/empty", "\(directory)/full"] {
                try withoutWritePermission(path) {
                    let error = complaint(path)
                    #expect(error?.code == .readOnly, "\(path): \(error?.description ?? "opened")")
                    #expect(error?.message.contains(path) == true)
                }
            }
        }
    }

    @Test func aFileThatMayNotBeWrittenIsNamed() throws {
        try withTemporaryDirectory { directory in
            try Logs.make(directory)
            chmod(Logs.file(directory), 0o444)
            try withoutWritePermission("\(directory)/..") {
                let error = complaint(directory)
                #expect(error?.code == .readOnly, "\(error?.description ?? "opened")")
            }
        }
    }

    @Test func otherPartitionCountsAreRefused() throws {
        try withTemporaryDirectory { directory in
            let made = PartitionCounts(conversationCommands: 3, memberCommands: 1, legacyWrites: 2)
            try SQLiteLog(directory: directory, partitionCounts: made).close()
            let error = complaint(directory, PartitionCounts())
            #expect(error?.code == .configuration)
            for part in ["conversation-commands 3", "conversation-commands 8", "member-commands 1"] {
                #expect(error?.message.contains(part) == true)
            }
            #expect(try SQLiteLog(directory: directory).partitionCounts == made)
            #expect(try SQLiteLog(directory: directory, partitionCounts: made).partitionCounts == made)
        }
    }

    @Test func aLaterFormatIsRefused() throws {
        try withTemporaryDirectory { directory in
            try Logs.make(directory)
            try Logs.change(directory, "PRAGMA user_version = 2")
            let error = complaint(directory)
            #expect(error?.code == .configuration)
            #expect(error?.message.contains("version 2") == true)
        }
    }

    @Test func aLogThatIsGoneIsNotMadeAnew() throws {
        try withTemporaryDirectory { directory in
            try Logs.make(directory)
            unlink(Logs.file(directory))
            let error = complaint(directory)
            #expect(error?.code == .corrupt)
            #expect(error?.message.contains("missing") == true)
        }
    }

    @Test func anotherFileInTheLogsPlaceIsRefused() throws {
        try withTemporaryDirectory { directory in
            try Logs.writeFile(Logs.file(directory), [UInt8](repeating: 0x41, count: 10_000))
            #expect(complaint(directory)?.code == .corrupt)
            try Logs.writeFile(Logs.file(directory), [])
            #expect(complaint(directory)?.code == .corrupt)
            unlink(Logs.file(directory))
            unlink("\(directory)/log.wakeup")
            _ = try Connection(Logs.file(directory)).execute("CREATE TABLE segment (id)")
            #expect(complaint(directory)?.code == .corrupt)
        }
    }

    @Test func openingAtTheSameTimeMakesOneLog() throws {
        try withTemporaryDirectory { directory in
            for round in 0..<5 {
                let path = "\(directory)/\(round)"
                try Threads.run(6) { number in
                    let log = try SQLiteLog(directory: path)
                    try Logs.append(number..<number + 1, of: log)
                    log.close()
                }
                let log = try SQLiteLog(directory: path)
                #expect(try Logs.keys(log).sorted() == (0..<6).map { String($0) })
                log.close()
                #expect(try filesIn(path) == ["log.sqlite", "log.wakeup"])
            }
        }
    }

    @Test func aLockHeldTooLongIsBusyAndMayBeTriedAgain() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: directory, options: .init(busyTimeoutMillis: 30))
            let holder = try Connection(Logs.file(directory), access: .readWrite)
            try holder.beginImmediate()
            let error = #expect(throws: LogError.self) { try Logs.append(0..<1, of: log) }
            #expect(error?.code == .busy && error?.isRetriable == true && error?.outcomeUnknown == false)
            holder.rollbackTransaction()
            #expect(try Logs.append(0..<1, of: log)[0].offset == 0)
        }
    }
}
