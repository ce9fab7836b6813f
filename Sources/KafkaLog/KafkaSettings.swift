public import EventLog

/// How the log on Kafka is reached and bounded: brokers, and every setting of librdkafka by its own name.
///
/// ## Configuration keys:
/// All stand below `kafka.`; a variable is written `PARLEY_KAFKA_` and the name in capitals with `_` for the points.
/// - `kafka.NAME` (optional): any setting of librdkafka, such as `kafka.security.protocol` or `kafka.compression.type`.
///   What would lose or reorder records is refused.
/// - `kafka.message.timeout.ms` (milliseconds, default: 60000): after so long an append ends with an error that says
///   that its outcome is unknown.
/// - `kafka.read.timeout.ms` (milliseconds, default: 10000): how long a read or a question waits for the brokers.
/// - `kafka.queue.buffering.max.messages` (records, default: 262144) and `kafka.queue.buffering.max.kbytes` (KiB,
///   default: 131072): what all appends of a process may have under way; further ones wait.
/// - `kafka.queued.max.messages.kbytes` (KiB, default: 131072, or more for more than 64 partitions): what the consumers of a
///   process hold of keys and values that were not applied yet. Half is for what is fetched ahead, over all partitions and
///   readers (``FetchAllowance`` says how), half for the batches of projectors. Brokers give whole batches of producers: the
///   bound is one for batches of at most `kafka.batch.size`, uncompressed; larger ones are read all the same and told of.
/// - `kafka.batch.size` (bytes, default: 131072): the largest batch a producer makes of several records. Set it for readers
///   as for producers.
/// - `kafka.statistics.interval.ms` (milliseconds, default: 0, never): how often clients count what they hold and how long
///   brokers take; daemons then write a line so often.
/// - `kafka.group.id` (default: `parley`): committed offsets are written under this name, a point and the projection's,
///   for tools that show lag. Nothing reads them.
/// - `kafka.topic.prefix` (default: empty): stands before the names of the topics, on brokers shared with others.
public struct KafkaSettings: Sendable {
    /// `HOST:PORT,...`
    public let brokers: String
    /// Stands before the names of the topics.
    public private(set) var topicPrefix: String
    /// Under this name and a projection's, positions are shown to lag tools.
    public let group: String
    let appendTimeoutMillis: Int
    let readTimeoutMillis: Int
    /// How often clients give statistics; 0 for never.
    public let statisticsMillis: Int
    /// What all appends may have under way.
    let maxRecordsUnderWay: Int
    let maxBytesUnderWay: Int
    /// What consumers hold; `nil` when it is not said.
    private let heldBytes: Int?
    private let batchBytes: Int
    /// What a fetch brings of one partition, when it is said.
    private let fetchBytes: Int?
    /// Of librdkafka, as given; ours are taken out.
    let properties: [String: String]

    /// Settings that keep what the contract promises; the value that holds and what another one would do.
    private static let fixed: [(name: String, value: String, reason: String)] = [
        ("enable.idempotence", "true", "without it a retry doubles and reorders records"),
        ("acks", "all", "with less, an acknowledged record is lost with its broker"),
        ("request.required.acks", "all", "with less, an acknowledged record is lost with its broker"),
        ("enable.gapless.guarantee", "true", "without it a record that fails leaves a gap before later ones"),
        ("enable.auto.commit", "false", "positions belong to the views"),
        ("enable.auto.offset.store", "false", "positions belong to the views"),
        ("auto.offset.reset", "error", "a missing offset is an error, never a jump"),
        ("check.crcs", "true", "what is damaged must not be served"),
        ("enable.partition.eof", "true", "reads need it to know the end"),
        ("isolation.level", "read_committed", "what another producer took back must not be served"),
    ]
    private static let refused: [(name: String, reason: String)] = [
        ("bootstrap.servers", "name the brokers with --log kafka:HOST:PORT,..."),
        ("metadata.broker.list", "name the brokers with --log kafka:HOST:PORT,..."),
        ("transactional.id", "Kafka transactions are not used"),
    ]

    /// - Parameters:
    ///   - brokers: `HOST:PORT,...`
    ///   - properties: by the names of librdkafka and those above, without `kafka.`.
    /// - Throws: `LogError` with `configuration`; names the key and never a secret's value.
    public init(brokers: String, properties: [String: String] = [:]) throws {
        var rest = properties
        func number(_ name: String, _ fallback: Int, in range: ClosedRange<Int>) throws -> Int {
            guard let text = rest.removeValue(forKey: name) else { return fallback }
            guard let value = Int(text), range.contains(value) else {
                throw Self.refusal(
                    name, "\"\(text)\" is no whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        self.brokers = brokers
        topicPrefix = rest.removeValue(forKey: "topic.prefix") ?? ""
        group = rest.removeValue(forKey: "group.id") ?? "parley"
        appendTimeoutMillis = try number("message.timeout.ms", 60_000, in: 100...86_400_000)
        readTimeoutMillis = try number("read.timeout.ms", 10_000, in: 100...86_400_000)
        statisticsMillis = try number("statistics.interval.ms", 0, in: 0...86_400_000)
        maxRecordsUnderWay = try number("queue.buffering.max.messages", 262_144, in: 1...10_000_000)
        maxBytesUnderWay = try number("queue.buffering.max.kbytes", 131_072, in: 1...2_097_151) << 10
        let isHeldSaid = rest["queued.max.messages.kbytes"] != nil
        let heldKiB = try number("queued.max.messages.kbytes", 131_072, in: 1...2_097_151)
        heldBytes = isHeldSaid ? heldKiB << 10 : nil
        batchBytes = try number("batch.size", FetchAllowance.batchBytes, in: 1...2_147_483_647)
        let fetches = try ["fetch.message.max.bytes", "max.partition.fetch.bytes"].map {
            try number($0, 0, in: 1...1_000_000_000)
        }
        fetchBytes = fetches.max().flatMap { $0 > 0 ? $0 : nil }
        for (name, value, reason) in Self.fixed {
            guard let text = rest.removeValue(forKey: name) else { continue }
            guard text == value || (value == "all" && text == "-1") else {
                throw Self.refusal(name, "must be \(value): \(reason): take the key out")
            }
        }
        for (name, reason) in Self.refused where rest[name] != nil {
            throw Self.refusal(name, "may not be set: \(reason)")
        }
        self.properties = rest
        guard Self.isTopicName(topicPrefix + "x"), !group.isEmpty else {
            throw Self.refusal("topic.prefix", "letters, digits, \".\", \"_\" and \"-\" only, at most 200 of them")
        }
    }

    private static func isTopicName(_ text: String) -> Bool {
        text.utf8.count <= 201
            && text.utf8.allSatisfy {
                ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39)
                    || [0x2e, 0x5f, 0x2d].contains($0)
            }
    }

    static func refusal(_ name: String, _ reason: String) -> LogError {
        LogError(.configuration, "kafka.\(name): \(reason)")
    }

    /// Whether a setting's value may not be shown.
    public static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key.pem", "ssl_key", "private.key", "oauthbearer.config"].contains { name.contains($0) }
    }

    /// The name brokers know a topic by.
    public func name(of topic: Topic) -> String { topicPrefix + topic.name }

    /// The settings as given, secrets hidden: for people.
    public var shown: [(name: String, value: String)] {
        properties.map { (name: $0.key, value: Self.isSecret($0.key) ? "(hidden)" : $0.value) }.sorted {
            $0.name < $1.name
        }
    }

    /// The same brokers and settings, with other topics.
    package func withTopicPrefix(_ prefix: String) throws -> KafkaSettings {
        var copy = self
        copy.topicPrefix = prefix
        guard Self.isTopicName(prefix + "x") else {
            throw Self.refusal("topic.prefix", "is no beginning of a topic's name")
        }
        return copy
    }

    /// What the log's own clients use, for measurements of librdkafka without it. Secrets are in it.
    package var benchmarkProducerProperties: [(String, String)] { producerProperties() }
    /// One queue for all partitions has the room of all of ours.
    package func benchmarkConsumerProperties(_ counts: PartitionCounts) -> [(String, String)] {
        let allowance = allowance(counts)
        return consumerProperties(allowance)
            + [("queued.max.messages.kbytes", String(max(1, allowance.totalBytes >> 10)))]
    }

    /// What the readers of a log with so many partitions may hold: half of what its consumers may.
    func allowance(_ counts: PartitionCounts) -> FetchAllowance {
        FetchAllowance(
            wholeBytes: heldBytes.map { $0 / 2 } ?? FetchAllowance.defaultBytes(topicPartitions: counts.total),
            batchBytes: batchBytes, fetchBytes: fetchBytes, topicPartitions: counts.total)
    }

    /// What projectors may hold in batches, all of a process together: the other half.
    func projectingBytes(_ counts: PartitionCounts) -> Int {
        heldBytes.map { $0 / 2 } ?? FetchAllowance.defaultBytes(topicPartitions: counts.total)
    }

    /// Of clients whose statistics are taken.
    var statisticsProperties: [(String, String)] {
        statisticsMillis == 0 ? [] : [("statistics.interval.ms", String(statisticsMillis))]
    }

    /// Values that must not appear in a message.
    var secrets: [String] { properties.filter { Self.isSecret($0.key) && !$0.value.isEmpty }.map(\.value) }

    /// Ours that older versions of librdkafka do not have and can do without.
    static let optional: Set = ["fetch.queue.backoff.ms"]

    /// What every client begins with; what was given comes later and wins.
    private var common: [(String, String)] {
        [("bootstrap.servers", brokers), ("client.id", "parley"), ("socket.nagle.disable", "true")]
    }

    /// Of the client that appends.
    func producerProperties() -> [(String, String)] {
        // Ours are the bounds: librdkafka's queue is never the one that is full.
        let records = max(maxRecordsUnderWay, LogLimits.batchRecords)
        let kibibytes = min(2_097_151, max(maxBytesUnderWay, LogLimits.batchBytes) >> 9)
        return common + [
            ("linger.ms", "1"), ("batch.size", String(batchBytes)), ("message.max.bytes", "1048588"),
            ("topic.metadata.propagation.max.ms", "10000"),
        ] + given + [
            ("enable.idempotence", "true"), ("acks", "all"), ("enable.gapless.guarantee", "true"),
            // Whether and when to give up is decided here, for all records under way at once: no later one may pass.
            ("message.timeout.ms", "0"), ("queue.buffering.max.messages", String(records * 2)),
            ("queue.buffering.max.kbytes", String(kibibytes)),
        ]
    }

    /// Of a client that reads, or asks.
    /// - Parameter allowance: what it may hold; brokers' answers as a whole may be as large as a record must be able to.
    func consumerProperties(_ allowance: FetchAllowance) -> [(String, String)] {
        let largestRecord = properties["message.max.bytes"].flatMap { Int($0) } ?? 1_048_588
        // A reader that takes turns between partitions finds some full; fetching must go on as soon as there is room.
        return common + [
            // Who takes turns in fetching waits for the question that is under way.
            ("fetch.wait.max.ms", allowance.isAmple ? "100" : "10"), ("fetch.error.backoff.ms", "100"),
            ("queued.min.messages", "1000000"),
            ("fetch.queue.backoff.ms", "2"),
            ("fetch.max.bytes", String(max(allowance.responseBytes, largestRecord))),
        ]
            + given + [
                ("fetch.message.max.bytes", String(allowance.fetchBytes)),
                ("queued.max.messages.kbytes", String(max(1, allowance.queueBytes >> 10))),
                ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "error"),
                ("check.crcs", "true"), ("enable.partition.eof", "true"), ("isolation.level", "read_committed"),
            ]
    }

    private var given: [(String, String)] { properties.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
