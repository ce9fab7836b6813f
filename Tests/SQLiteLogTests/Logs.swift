import EventLog
import Glibc
import SQLite
import SQLiteLog
import TestSupport

/// Short forms for the tests of this target.
enum Logs {
    static let partition = TopicPartition(.conversationCommands, 0)
    static let other = TopicPartition(.memberCommands, 3)

    /// Appends records whose keys are their numbers, as one batch.
    @discardableResult
    static func append(
        _ numbers: Range<Int>, to partition: TopicPartition = partition, valueCount: Int = 100, of log: SQLiteLog
    ) throws -> [Appended] {
        var batch = AppendBatch()
        for number in numbers {
            batch.add(to: partition, key: Array(String(number).utf8), value: value(number, valueCount))
        }
        return try log.append(batch)
    }

    static func value(_ number: Int, _ count: Int) -> [UInt8] {
        // Tests are not optimised: large values are made in one call.
        if count > 5_000 { return [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: count) }
        return (0..<count).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
    }

    /// The keys of everything a partition holds.
    static func keys(_ log: SQLiteLog, _ partition: TopicPartition = partition) throws -> [String] {
        var keys: [String] = []
        var next: Int64 = 0
        while true {
            let batch = try log.read(partition, from: next, maxRecords: 500, maxBytes: 1 << 20)
            if batch.isEmpty { return keys }
            batch.forEachRecord { keys.append(String(decoding: $0.key, as: UTF8.self)) }
            next = batch.nextOffset
        }
    }

    /// Everything of every partition, as one value to compare.
    static func everything(_ log: SQLiteLog) throws -> [TopicPartition: [[UInt8]]] {
        var found: [TopicPartition: [[UInt8]]] = [:]
        for partition in log.partitionCounts.all {
            var next: Int64 = 0
            while true {
                let batch = try log.read(partition, from: next, maxRecords: 500, maxBytes: 1 << 20)
                if batch.isEmpty { break }
                batch.forEachRecord { record in
                    found[partition, default: []].append(
                        Array(record.key) + Array(record.value) + Array("\(record.offset) \(record.appendTime)".utf8))
                }
                next = batch.nextOffset
            }
        }
        return found
    }

    /// Makes a log with several segments in two partitions, and closes it, so that everything is in one file.
    @discardableResult
    static func make(_ directory: String) throws -> [TopicPartition: [[UInt8]]] {
        let log = try SQLiteLog(directory: directory)
        defer { log.close() }
        for round in 0..<6 {
            try append(round * 10..<round * 10 + 10, of: log)
            try append(round * 5..<round * 5 + 5, to: other, valueCount: 3_000, of: log)
        }
        return try everything(log)
    }

    static func file(_ directory: String) -> String { "\(directory)/log.sqlite" }

    /// Changes the database behind the log's back.
    static func change(_ directory: String, _ sql: String) throws {
        let connection = try Connection(file(directory), access: .readWrite)
        try connection.execute(sql)
        _ = try connection.checkpoint(.truncate)
    }

    static func readFile(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw TestFailure("cannot open \(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { return bytes }
            bytes += part[..<count]
        }
    }

    static func writeFile(_ path: String, _ bytes: some Collection<UInt8>) throws {
        guard let file = fopen(path, "wb") else { throw TestFailure("cannot open \(path): errno \(errno)") }
        defer { fclose(file) }
        let whole = Array(bytes)
        guard fwrite(whole, 1, whole.count, file) == whole.count else { throw TestFailure("cannot write \(path)") }
    }

    /// What the log says when it is opened and read as a whole, or `nil` when it says nothing is wrong.
    static func complaint(_ directory: String, expecting everything: [TopicPartition: [[UInt8]]]) throws -> LogError? {
        do {
            let log = try SQLiteLog(directory: directory)
            defer { log.close() }
            try require(try Logs.everything(log) == everything, "the log serves other records than were appended")
            return nil
        } catch let error as LogError { return error }
    }
}
