import EventLog
import SQLite
import SQLiteLog

/// What appending to the embedded log costs.
public enum AppendBenchmarks {
    static let batchRecords = 500
    /// A 200-byte body with what a record has around it.
    static let valueBytes = 250

    /// `append.sqlite.batch500`: records of 250 bytes, 500 a batch over random partitions, each batch durable. The floor is
    /// a loop of prepared inserts of the same bytes, one row each, 500 a transaction, with the same settings.
    ///
    /// - Parameter directory: must exist; files are made beside each other in it and removed.
    public static func batch500(in directory: String, runs: Int = 5, batches: Int = 400) throws -> Measurement {
        let payload = Payload(records: batchRecords, seed: 1)
        return try Measurement.inTurns(name: "append.sqlite.batch500", unit: "records/s", runs: runs) { _ in
            try withScratchDirectory(in: directory) { try insertRows(payload, batches: batches, $0) }
        } value: { _ in
            try withScratchDirectory(in: directory) { try appendBatches(payload, batches: batches, $0) }
        }
    }

    private static func insertRows(_ payload: Payload, batches: Int, _ directory: String) throws -> Double {
        let connection = try Connection(
            "\(directory)/floor.sqlite", pageSize: 4_096,
            pragmas: ["journal_mode=WAL", "synchronous=FULL", "cache_size=-8192"])
        try connection.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, place INTEGER, key BLOB, value BLOB)")
        let insert = try connection.prepare("INSERT INTO record (place, key, value) VALUES (?1, ?2, ?3)")
        let watch = Stopwatch()
        for _ in 0..<batches {
            try connection.transaction {
                for record in payload.records {
                    try insert.bind(Int64(record.partition.partition), at: 1)
                    try record.key.withUnsafeBytes { try insert.bindBorrowed($0, at: 2) }
                    try record.value.withUnsafeBytes { try insert.bindBorrowed($0, at: 3) }
                    try insert.run()
                }
            }
        }
        return Double(batches * payload.records.count) / watch.seconds
    }

    private static func appendBatches(_ payload: Payload, batches: Int, _ directory: String) throws -> Double {
        let log = try SQLiteLog(directory: directory)
        defer { log.close() }
        var batch = AppendBatch()
        let watch = Stopwatch()
        for _ in 0..<batches {
            batch.removeAll()
            for record in payload.records { batch.add(to: record.partition, key: record.key, value: record.value) }
            _ = try log.append(batch)
        }
        return Double(batches * payload.records.count) / watch.seconds
    }

    /// `append.concurrent8`: eight callers with one record each, over and over; the floor is one caller alone.
    ///
    /// - Parameter directory: must exist; files are made beside each other in it and removed.
    public static func concurrent8(in directory: String, runs: Int = 5, recordsPerCaller: Int = 400) throws
        -> Measurement
    {
        try Measurement.inTurns(name: "append.concurrent8", unit: "records/s", runs: runs) { _ in
            try withScratchDirectory(in: directory) { try appendSingly(callers: 1, recordsPerCaller, $0) }
        } value: { _ in
            try withScratchDirectory(in: directory) { try appendSingly(callers: 8, recordsPerCaller, $0) }
        }
    }

    private static func appendSingly(callers: Int, _ each: Int, _ directory: String) throws -> Double {
        let log = try SQLiteLog(directory: directory)
        defer { log.close() }
        let watch = Stopwatch()
        try onThreads(callers) { caller in
            for record in Payload(records: each, seed: UInt64(caller + 1)).records {
                var batch = AppendBatch()
                batch.add(to: record.partition, key: record.key, value: record.value)
                _ = try log.append(batch)
            }
        }
        return Double(callers * each) / watch.seconds
    }
}

/// Records with random bytes, the same for the same seed.
private struct Payload: Sendable {
    struct Record: Sendable {
        var partition: TopicPartition
        var key: [UInt8]
        var value: [UInt8]
    }

    var records: [Record]

    init(records count: Int, seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) } }
        records = (0..<count).map { _ in
            let topic = next() >> 40 & 3 == 0 ? Topic.memberCommands : .conversationCommands
            return Record(
                partition: TopicPartition(topic, Int32(next() >> 40 & 7)), key: bytes(16),
                value: bytes(AppendBenchmarks.valueBytes))
        }
    }
}
