import Deployment
import EventLog
import Messaging
import MessagingService
import SQLite
import Synchronization

/// What the whole write path costs: a JSON line to a durable sealed record.
public enum PathBenchmark {
    /// `append.path`: sends with 200-byte bodies from 200 members into 2,000 conversations, read, checked, sealed, and
    /// appended durably. The floor is a loop of prepared inserts of the same encoded records, one row each, 500 a
    /// transaction, synced.
    ///
    /// - Parameters:
    ///   - directory: must exist; files are made in it and removed.
    ///   - isMarked: whether each send is followed by a star, which seals nothing: as many records again.
    public static func path(
        in directory: String, runs: Int = 3, sends: Int = 100_000, isMarked: Bool = false
    ) throws -> Measurement {
        let history = PathHistory(members: 200, conversations: 2_000, sends: sends, isMarked: isMarked)
        var values: [Double] = []
        var floors: [Double] = []
        for _ in 0..<runs {
            try withScratchDirectory(in: directory) { scratch in
                let deployment = try Deployment(try DeploymentSettings(data: "\(scratch)/data"), ifMissing: .create)
                defer { deployment.close() }
                let keys = try deployment.openKeys()
                let pipeline = AppendPipeline(log: deployment.log, batchLines: 2_000) {
                    try deployment.makeAdmission(keys: keys)
                }
                try append(history.creations, pipeline)
                let ends = try deployment.log.endOffsets()
                let watch = Stopwatch()
                try append(history.sendLines, pipeline)
                let seconds = watch.seconds
                let records = try encoded(deployment.log, from: ends)
                values.append(Double(records.count) / seconds)
                floors.append(Double(records.count) / (try insertSeconds(records, "\(scratch)/floor.sqlite")))
            }
        }
        return Measurement(name: "append.path", unit: "records/s", values: values, floors: floors)
    }

    private static func append(_ lines: [UInt8], _ pipeline: AppendPipeline) throws {
        let place = Atomic<Int>(0)
        let progress = try pipeline.run { buffer in
            let start = place.load(ordering: .relaxed)
            let end = min(lines.count, start + 1 << 18)
            buffer.append(contentsOf: lines[start..<end])
            place.store(end, ordering: .relaxed)
            return end == lines.count ? .end : .more
        } answer: { _, _ in
        }
        guard progress.refused == 0 else {
            throw BenchmarkError("\(progress.refused) lines of the benchmark were refused")
        }
    }

    private static func encoded(_ log: any EventLog, from start: [TopicPartition: Int64]) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        for (partition, end) in try log.endOffsets() {
            var offset = start[partition] ?? 0
            while offset < end {
                let batch = try log.read(partition, from: offset, maxRecords: 10_000, maxBytes: 16 << 20)
                batch.forEachRecord { records.append(Array($0.value)) }
                offset = batch.nextOffset
            }
        }
        return records
    }

    private static func insertSeconds(_ records: [[UInt8]], _ path: String) throws -> Double {
        let connection = try Connection(
            path, pageSize: 4_096, pragmas: ["journal_mode=WAL", "synchronous=FULL", "cache_size=-8192"])
        try connection.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, place INTEGER, value BLOB)")
        let insert = try connection.prepare("INSERT INTO record (place, value) VALUES (?1, ?2)")
        let watch = Stopwatch()
        for start in stride(from: 0, to: records.count, by: 500) {
            try connection.transaction {
                for record in records[start..<min(start + 500, records.count)] {
                    try insert.bind(Int64(start & 7), at: 1)
                    try record.withUnsafeBytes { try insert.bindBorrowed($0, at: 2) }
                    try insert.run()
                }
            }
        }
        return watch.seconds
    }
}

/// Lines for `parley append`, the same for the same arguments.
private struct PathHistory {
    var creations: [UInt8] = []
    var sendLines: [UInt8] = []

    init(members: Int, conversations: Int, sends: Int, isMarked: Bool) {
        var random = SplitMix(state: 7)
        let people = (0..<members).map { _ in MemberID(random.identifier()) }
        let threads = (0..<conversations).map { _ in (ConversationID(random.identifier()), random.below(members)) }
        for (conversation, first) in threads {
            let others = (1...4).map { "\"\(people[(first + $0) % members])\"" }.joined(separator: ",")
            creations += Array(
                ("{\"command\":\"createConversation\",\"actor\":\"\(people[first])\",\"conversation\":\"\(conversation)\","
                    + "\"participants\":[\(others)]}\n").utf8)
        }
        let letters = Array("abcdefghijklmnopqrstuvwxyz     ".utf8)
        for _ in 0..<sends {
            let (conversation, first) = threads[random.below(conversations)]
            let actor = people[(first + random.below(5)) % members]
            sendLines += Array(
                "{\"id\":\"\(CommandID(random.identifier()))\",\"command\":\"send\",\"actor\":\"\(actor)\",".utf8)
            sendLines += Array("\"conversation\":\"\(conversation)\",\"content\":{\"text\":\"".utf8)
            for _ in 0..<200 { sendLines.append(letters[random.below(letters.count)]) }
            sendLines += Array("\"},\"sentAt\":\"2026-01-01T00:00:00Z\"}\n".utf8)
            guard isMarked else { continue }
            sendLines += Array(
                ("{\"id\":\"\(CommandID(random.identifier()))\",\"command\":\"star\",\"actor\":\"\(actor)\","
                    + "\"conversation\":\"\(conversation)\",\"message\":\"\(MessageID(random.identifier()))\",\"on\":true}\n")
                    .utf8)
        }
    }
}
