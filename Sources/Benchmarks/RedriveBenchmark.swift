import Deployment
import EventLog
import Glibc
import LegacyMailbox
import Messaging
public import Postgres
import Replication

/// What it costs to run parked records again.
public enum RedriveBenchmark {
    private static let lanes = 2_000

    /// `redrive`: parked records a second once 2,000 lanes of 50 records each, parked behind a poisoned head that is mended
    /// now, are redriven; the floor is the same records replicated straight from the log. `redrive.start`: seconds from
    /// opening the store to the first record applied; the floor is opening the store alone. `redrive.memory`: MiB that
    /// the process grew by at most; the floor is the bytes of what is parked.
    ///
    /// - Parameter directory: must exist; files are made in it and removed.
    public static func redrive(in directory: String, runs: Int = 3, records: Int = 100_000) throws -> [Measurement] {
        try measured("redrive", runs: runs) { try run(in: directory, records, nil) }
    }

    /// `redrive.postgres`, `redrive.postgres.start`, `redrive.postgres.memory`: likewise, with the replicator's store in
    /// PostgreSQL. The memory is that of this process, not of the server.
    ///
    /// - Parameter server: any database of a server on which the role may make others; they are made and dropped.
    public static func redrive(
        on server: PostgresAddress, in directory: String, runs: Int = 3, records: Int = 100_000
    ) throws -> [Measurement] {
        try measured("redrive.postgres", runs: runs) { try run(in: directory, records, server) }
    }

    private static func measured(_ name: String, runs: Int, _ run: () throws -> Run) throws -> [Measurement] {
        let all = try (0..<runs).map { _ in try run() }
        return [
            Measurement(name: name, unit: "records/s", values: all.map(\.speed), floors: all.map(\.straight)),
            Measurement(name: "\(name).start", unit: "s", values: all.map(\.start), floors: all.map(\.opening)),
            Measurement(name: "\(name).memory", unit: "MiB", values: all.map(\.growth), floors: all.map(\.parked)),
        ]
    }

    private struct Run {
        var speed = 0.0
        var straight = 0.0
        var start = 0.0
        var opening = 0.0
        var growth = 0.0
        var parked = 0.0
    }

    private static func run(in directory: String, _ records: Int, _ server: PostgresAddress?) throws -> Run {
        var run = Run()
        run.straight = try withPlace(in: directory, server) { scratch, store in
            let (bench, _, _) = try prepare(scratch, store, records)
            defer { bench.deployment.close() }
            let watch = Stopwatch()
            try bench.replicateAll()
            return Double(records) / watch.seconds
        }
        try withPlace(in: directory, server) { scratch, store in
            let (bench, ids, bytes) = try prepare(scratch, store, records)
            defer { bench.deployment.close() }
            run.parked = Double(bytes) / Double(1 << 20)
            try park(bench, Set(ids), records)
            try redrive(bench, ids, records, &run)
        }
        return run
    }

    /// A directory, and a database for the replicator's store where there is a server.
    private static func withPlace<Result>(
        in directory: String, _ server: PostgresAddress?, _ body: (String, PostgresAddress?) throws -> Result
    ) throws -> Result {
        try withScratchDirectory(in: directory) { scratch in
            guard let server else { return try body(scratch, nil) }
            return try withScratchDatabase(on: server, "redrive") { try body(scratch, $0) }
        }
    }

    private static func prepare(
        _ scratch: String, _ store: PostgresAddress?, _ records: Int
    ) throws -> (ReplicationBench, [ConversationID], Int) {
        let bench = try ReplicationBench("\(scratch)/data", storeOn: store)
        var history = LegacyHistory(threads: lanes, seed: 11)
        try bench.log.append(legacy: history.beginnings())
        try bench.replicateAll()
        let writes = (0..<records).map { history.message(in: $0 % lanes) }
        try bench.log.append(legacy: writes)
        let identifiers = LegacyIdentifiers(namespace: bench.deployment.settings.namespace)
        let bytes = writes.reduce(0) { $0 + $1.protobuf().count }
        return (bench, history.threads.map { identifiers.conversation(thread: $0) }, bytes)
    }

    private static func park(_ bench: ReplicationBench, _ lanes: Set<ConversationID>, _ records: Int) throws {
        let store = try bench.openStore()
        let replicator = try bench.replicator(store, failing: .forGood, poisoned: lanes)
        try replicator.run(once: true) { false }
        guard replicator.report.parked == records else {
            throw BenchmarkError("\(replicator.report.parked) records are parked, not \(records)")
        }
        try store.release()
    }

    private static func redrive(
        _ bench: ReplicationBench, _ lanes: [ConversationID], _ records: Int, _ run: inout Run
    ) throws {
        do {
            let store = try bench.openStore()
            try store.request(lanes, LaneOrder(operator: "bench", reason: "mended"), nowMillis: 0)
            try store.release()
        }
        let before = MemoryUse.resetPeak()
        let watch = Stopwatch()
        let store = try bench.openStore()
        run.opening = watch.seconds
        let replicator = try bench.replicator(store)
        var start: Double?
        try replicator.run(once: true) {
            if start == nil, replicator.report.applied > 0 { start = watch.seconds }
            return false
        }
        run.start = start ?? watch.seconds
        run.speed = Double(records) / watch.seconds
        run.growth = Double(MemoryUse.peak() - before) / Double(1 << 20)
        guard replicator.report.parked == 0, replicator.report.applied == records else {
            throw BenchmarkError(
                "\(replicator.report.applied) records were applied, \(replicator.report.parked) are parked")
        }
    }
}

/// What this process holds, in bytes.
enum MemoryUse {
    /// Begins a new measurement of the peak; what was freed before is given back first, so that it does not hide growth.
    /// - Returns: what is held now.
    static func resetPeak() -> Int {
        // The module map of the C library leaves `malloc_trim` out.
        if let trim = dlsym(nil, "malloc_trim") {
            _ = unsafeBitCast(trim, to: (@convention(c) (Int) -> Int32).self)(0)
        }
        if let file = fopen("/proc/self/clear_refs", "we") {
            fputs("5", file)
            fclose(file)
        }
        return field("VmRSS:")
    }

    static func peak() -> Int { field("VmHWM:") }

    private static func field(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, 256, file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix(name) else { continue }
            return (Int(text.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0) * 1_024
        }
        return 0
    }
}
