import Deployment
import EventLog
import Glibc
public import KafkaLog
import Messaging
import MessagingService
import PersonalMetadata
public import Postgres
import Projection
import SharedContent
import Synchronization
import ViewStorage

extension VisibleBenchmark {
    /// `visible.kafka.p50`, `.p99`, `.p999`: from the moment a message is due to the moment both views in PostgreSQL have it,
    /// at 1,000 sends a second through Kafka, projected by a `parley node` in another process. The floor is the append
    /// alone, from the same moment.
    ///
    /// Sends are due at fixed times whatever became of those before: one that must wait for its turn has waited.
    /// - Parameters:
    ///   - executable: `parley`.
    ///   - brokers: their settings; topics are made and deleted.
    ///   - server: its role may make databases; one is made and dropped.
    ///   - directory: must exist; files are made in it and removed.
    public static func kafka(
        executable: String, _ brokers: KafkaSettings, properties: [String: String], server: PostgresAddress,
        in directory: String, seconds: Int = 12
    ) throws -> [Measurement] {
        try withScratchDirectory(in: directory) { scratch in
            try withScratchTopics(brokers, partitions: 8, memberPartitions: 4) { topics in
                try withScratchDatabase(on: server, "visible") { database in
                    let logURL = "kafka:\(brokers.brokers)"
                    var properties = properties
                    properties["topic.prefix"] = topics.topicPrefix
                    let settings = try DeploymentSettings(
                        data: "\(scratch)/data", log: logURL, sharedStore: database.url,
                        personalStore: database.url, kafka: properties)
                    return try measure(
                        settings, database, node: NodeWords(executable: executable, log: logURL), seconds: seconds)
                }
            }
        }
    }

    private static func measure(
        _ settings: DeploymentSettings, _ database: PostgresAddress, node words: NodeWords, seconds: Int
    ) throws -> [Measurement] {
        let deployment = try Deployment(settings, ifMissing: .create)
        defer { deployment.close() }
        // Both views are made before anybody watches them.
        for view in [ProjectionName.shared, .personal] { _ = try settings.openStore(view) }
        let node = try NodeProcess(
            words.executable,
            [
                "node", "--data", settings.data.path, "--log", words.log, "--shared-store", database.url,
                "--personal-store", database.url,
            ], variables: Dictionary(uniqueKeysWithValues: settings.kafka.map { (variable(of: $0), $1) }))
        defer { node.stop() }
        let watch = ViewWatch(database)
        let senders = Senders(rate: 1_000, count: 16, seconds: seconds)
        let stopwatch = Stopwatch()
        try onThreads(2) { job in
            if job == 0 {
                defer { watch.stop() }
                try senders.run(deployment, stopwatch)
                try watch.wait(for: senders.ends, patienceSeconds: 10)
            } else {
                try watch.run(stopwatch)
            }
        }
        return try figures(senders.sent, watch.sights, warmUpSeconds: 2)
    }

    /// How the node is started.
    private struct NodeWords {
        var executable: String
        var log: String
    }

    private static func variable(of name: String) -> String {
        "KAFKA_" + name.map { $0 == "." ? "_" : String($0).uppercased() }.joined()
    }

    private static func figures(
        _ sent: [SentMessage], _ sights: [ViewWatch.Sight], warmUpSeconds: Double
    ) throws -> [Measurement] {
        var appends: [Double] = []
        var totals: [Double] = []
        var next: [TopicPartition: Int] = [:]
        for message in sent.sorted(by: { $0.position < $1.position }) where message.due >= warmUpSeconds {
            var index = next[message.position.partition] ?? 0
            while index < sights.count, !sights[index].covers(message.position) { index += 1 }
            guard index < sights.count else { throw BenchmarkError("\(message.position) was not projected") }
            next[message.position.partition] = index
            appends.append((message.durable - message.due) * 1_000)
            totals.append((sights[index].seconds - message.due) * 1_000)
        }
        guard totals.count > 1_000 else { throw BenchmarkError("only \(totals.count) messages were sent") }
        appends.sort()
        totals.sort()
        return [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)].map { name, quantile in
            let value = Measurement.quantile(totals, quantile)
            let floor = Measurement.quantile(appends, quantile)
            return Measurement(
                name: "visible.kafka.\(name)", value: value, unit: "ms", floor: floor, ratio: value / floor,
                min: totals[0], max: totals[totals.count - 1], runs: totals.count)
        }
    }
}

/// A message on its way; times are seconds since the start.
struct SentMessage: Sendable {
    var position: Position
    var due: Double
    var durable: Double
}

/// Sends at a fixed rate from several threads.
private final class Senders: Sendable {
    private let rate: Int
    private let count: Int
    private let seconds: Int
    private let all = Mutex<[SentMessage]>([])

    init(rate: Int, count: Int, seconds: Int) {
        (self.rate, self.count, self.seconds) = (rate, count, seconds)
    }

    var sent: [SentMessage] { all.withLock { $0 } }

    /// Next offset of every partition that was sent to.
    var ends: [TopicPartition: Int64] {
        sent.reduce(into: [:]) {
            $0[$1.position.partition] = max($0[$1.position.partition] ?? 0, $1.position.offset + 1)
        }
    }

    private static let partners = 25

    private static func request(from sender: Int, _ turn: Int) -> CommandRequest {
        CommandRequest(
            actor: MemberID(Identifier(high: UInt64(sender) + 1, low: 1)), conversation: nil,
            kind: .sendDirect(
                to: MemberID(Identifier(high: UInt64(turn % partners) + 1, low: 2)),
                SendRequest(content: Content(text: Array("visible at last".utf8)))))
    }

    func run(_ deployment: Deployment, _ stopwatch: Stopwatch) throws {
        let keys = try deployment.openKeys()
        let admissions = try (0..<count).map { _ in try deployment.makeAdmission(keys: keys) }
        nonisolated(unsafe) let own = admissions
        // The conversations are there, and their keys, before the first message is due.
        for sender in 0..<count {
            let requests = (0..<Self.partners).map {
                Result<JudgedRequest, Refusal>.success(JudgedRequest(Self.request(from: sender, $0)))
            }
            _ = try deployment.log.append(try admissions[sender].admit(requests).records)
        }
        let began = stopwatch.seconds
        try onThreads(count) { [self] sender in
            var mine: [SentMessage] = []
            for turn in 0..<rate * seconds / count {
                let due = began + Double(turn * count + sender) / Double(rate)
                let early = due - stopwatch.seconds
                if early > 0 { usleep(UInt32(early * 1e6)) }
                let request = Self.request(from: sender, turn)
                let records = try own[sender].admit([.success(JudgedRequest(request))]).records
                guard let appended = try deployment.log.append(records).first else {
                    throw BenchmarkError("a message of the benchmark was refused")
                }
                mine.append(
                    SentMessage(
                        position: Position(records.entries[0].partition, appended.offset), due: due,
                        durable: stopwatch.seconds))
            }
            all.withLock { $0 += mine }
        }
    }
}

/// Looks at the positions of both views, again and again.
private final class ViewWatch: Sendable {
    /// What both views had at a moment, in seconds since the start.
    struct Sight: Sendable {
        var seconds: Double
        var positions: [TopicPartition: Int64]

        func covers(_ position: Position) -> Bool { positions[position.partition] ?? 0 > position.offset }
    }

    private let database: PostgresAddress
    private let isStopped = Atomic<Bool>(false)
    private let seen = Mutex<[Sight]>([])

    init(_ database: PostgresAddress) { self.database = database }

    var sights: [Sight] { seen.withLock { $0 } }

    func stop() { isStopped.store(true, ordering: .releasing) }

    func run(_ stopwatch: Stopwatch) throws {
        let views = [
            try PostgresViewDatabase(database, definition: SharedContentSchema.postgres, access: .read),
            try PostgresViewDatabase(database, definition: PersonalMetadataSchema.postgres, access: .read),
        ]
        while !isStopped.load(ordering: .acquiring) {
            let both = try views.map { try $0.positions() }
            let positions = both[0].merging(both[1]) { min($0, $1) }
            let common = positions.filter { both[0][$0.key] != nil && both[1][$0.key] != nil }
            let sight = Sight(seconds: stopwatch.seconds, positions: common)
            seen.withLock { sights in if sights.last?.positions != common { sights.append(sight) } }
            usleep(300)
        }
    }

    /// Waits until both views have come to these ends.
    func wait(for ends: [TopicPartition: Int64], patienceSeconds: Double) throws {
        let watch = Stopwatch()
        while !(sights.last.map { sight in ends.allSatisfy { sight.positions[$0.key] ?? 0 >= $0.value } } ?? false) {
            guard watch.seconds < patienceSeconds else {
                throw BenchmarkError("the views did not come to the end of the log within \(patienceSeconds) s")
            }
            usleep(10_000)
        }
    }
}
