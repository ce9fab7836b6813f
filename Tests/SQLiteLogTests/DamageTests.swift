import EventLog
import SQLite
import SQLiteLog
import TestSupport
import Testing

/// Damage is found and named; nothing damaged is served.
@Suite struct DamageTests {
    @Test func aByteChangedInsideASegmentIsFoundAndNamed() throws {
        try withTemporaryDirectory { directory in
            let everything = try Logs.make(directory)
            let bytes = try Logs.readFile(Logs.file(directory))
            // Number 23 stands in the third segment of ten records: its frame is found by counts, key and value.
            let frame = [2, 0, 100, 0, 0, 0] + Array("23".utf8) + Logs.value(23, 100)
            let place = try #require(bytes.indices.first { bytes[$0...].starts(with: frame) })
            for shift in [0, 5, 6, 8, 57, 107] {
                var damaged = bytes
                damaged[place + shift] ^= 0x10
                try Logs.writeFile(Logs.file(directory), damaged)
                let complaint = try Logs.complaint(directory, expecting: everything)
                #expect(complaint?.code == .corrupt)
                #expect(
                    complaint?.message.contains("conversation-commands/0@20") == true, "\(complaint?.message ?? "")")
                #expect(complaint?.message.contains("log.sqlite") == true)
                let log = try SQLiteLog(directory: directory)
                defer { log.close() }
                let before = try log.read(Logs.partition, from: 0, maxRecords: 20, maxBytes: 1 << 20)
                #expect(before.count == 20)
                #expect(throws: LogError.self) { try log.read(Logs.partition, from: 20, maxRecords: 1, maxBytes: 1) }
                #expect(throws: LogError.self) { try log.read(Logs.partition, from: 29, maxRecords: 1, maxBytes: 1) }
                #expect(throws: LogError.self) { try log.verify() }
            }
        }
    }

    @Test func aByteChangedAnywhereIsNeverServed() throws { try changeBytes(times: 400) }

    @Test func aFileCutAnywhereIsNeverServed() throws {
        try withTemporaryDirectory { directory in
            let everything = try Logs.make(directory)
            let bytes = try Logs.readFile(Logs.file(directory))
            for cut in [
                0, 1, 99, 100, 4_095, 4_096, bytes.count / 2, bytes.count - 4_097, bytes.count - 4_096, bytes.count - 1,
            ] {
                try Logs.writeFile(Logs.file(directory), bytes[..<cut])
                let complaint = try Logs.complaint(directory, expecting: everything)
                #expect(
                    complaint?.code == .corrupt,
                    "cut at \(cut) of \(bytes.count): \(complaint?.description ?? "served")")
                #expect(complaint?.message.contains("log.sqlite") == true)
            }
        }
    }

    @Test(arguments: [
        "DELETE FROM segment WHERE place = 0 AND first_offset = 20",
        "DELETE FROM segment WHERE place = 0 AND first_offset >= 40", "DELETE FROM segment WHERE place = 0",
        "UPDATE partition_end SET end_offset = 50 WHERE place = 0",
        "UPDATE partition_end SET end_offset = 61 WHERE place = 0",
        "UPDATE partition_end SET append_time = 0 WHERE place = 0",
        "UPDATE partition_end SET checksum = 0 WHERE place = 0", "DELETE FROM partition_end WHERE place = 1",
        "DROP TABLE partition_end",
        "DELETE FROM segment WHERE place = 0 AND first_offset = 0",
        "UPDATE segment SET count = 11 WHERE place = 0 AND first_offset = 20",
        "UPDATE segment SET count = 0 WHERE place = 0 AND first_offset = 50",
        "UPDATE segment SET append_time = append_time - 1 WHERE place = 0 AND first_offset = 50",
        "UPDATE segment SET checksum = checksum + 1 WHERE place = 0 AND first_offset = 20",
        "UPDATE segment SET bytes = (SELECT bytes FROM segment WHERE place = 0 AND first_offset = 10) "
            + "WHERE place = 0 AND first_offset = 20",
        "UPDATE segment SET place = 1 WHERE place = 0",
        "UPDATE segment SET place = 65539 WHERE place = 0 AND first_offset = 50",
        "UPDATE segment SET first_offset = first_offset + 1000 WHERE place = 0",
        "UPDATE segment SET bytes = x'' WHERE place = 0 AND first_offset = 20",
        "UPDATE meta SET value = randomblob(16) WHERE name = 'log-id'",
        "DELETE FROM meta WHERE name = 'log-id'",
        "DELETE FROM meta WHERE name = 'partitions/legacy-writes'",
        "DROP TABLE segment", "DROP TABLE meta", "PRAGMA application_id = 7",
    ])
    func rowsChangedBehindTheLogsBackAreFound(_ sql: String) throws {
        try withTemporaryDirectory { directory in
            let everything = try Logs.make(directory)
            try Logs.change(directory, sql)
            let complaint = try Logs.complaint(directory, expecting: everything)
            #expect(complaint?.code == .corrupt, "\(complaint?.description ?? "served")")
            #expect(complaint?.message.contains("log.sqlite") == true)
        }
    }

    /// Two logs with the same offsets: a segment of one does not pass in the other.
    @Test func aSegmentOfAnotherLogIsFound() throws {
        try withTemporaryDirectory { directory in
            let everything = try Logs.make("\(directory)/one")
            try Logs.make("\(directory)/two")
            try Logs.change(
                "\(directory)/one",
                """
                ATTACH '\(Logs.file("\(directory)/two"))' AS two;
                DELETE FROM main.segment;
                INSERT INTO main.segment SELECT * FROM two.segment;
                """)
            #expect(try Logs.complaint("\(directory)/one", expecting: everything)?.code == .corrupt)
        }
    }

    @Test func anotherLogInTheSamePlaceIsFoundByWhoFollows() throws {
        try withTemporaryDirectory { directory in
            let log = try SQLiteLog(directory: directory)
            try Logs.append(0..<10, of: log)
            #expect(try log.endOffset(of: Logs.partition) == 10)
            try Logs.change(directory, "UPDATE partition_end SET end_offset = 0")
            let error = #expect(throws: LogError.self) { try log.endOffset(of: Logs.partition) }
            #expect(error?.code == .corrupt)
        }
    }

    @Test func aLogThatIsWholeVerifies() throws {
        try withTemporaryDirectory { directory in
            try Logs.make(directory)
            let log = try SQLiteLog(directory: directory)
            let sizes = try log.verify().filter { $0.records > 0 }
            #expect(sizes.map(\.partition) == [Logs.partition, Logs.other])
            #expect(sizes.map(\.records) == [60, 30])
            #expect(sizes.map(\.segments) == [6, 6])
        }
    }
}

/// Wherever a bit is flipped, the log complains or serves what was appended.
func changeBytes(times: Int) throws {
    try withTemporaryDirectory { directory in
        let everything = try Logs.make(directory)
        let bytes = try Logs.readFile(Logs.file(directory))
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        var found = 0
        for _ in 0..<times {
            var damaged = bytes
            let place = Int.random(in: damaged.indices, using: &generator)
            damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            removeTree("\(directory)/log.sqlite-wal")
            removeTree("\(directory)/log.sqlite-shm")
            try Logs.writeFile(Logs.file(directory), damaged)
            do {
                if try Logs.complaint(directory, expecting: everything) != nil { found += 1 }
            } catch { Issue.record("seed \(seed), byte \(place): \(error)") }
        }
        // Most of the file is records.
        #expect(found * 8 > times * 5, "seed \(seed): of \(times) changed bytes \(found) were found")
    }
}
