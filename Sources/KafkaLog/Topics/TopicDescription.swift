public import EventLog

/// A topic as the brokers have it.
public struct TopicDescription: Sendable, Equatable {
    public var topic: Topic
    /// What the brokers call it.
    public var name: String
    public var partitions: Int32
    /// Of the partition that has the fewest.
    public var replicas: Int32
    /// Every setting that holds, the brokers' defaults too.
    public var settings: [String: String]

    public init(topic: Topic, name: String, partitions: Int32, replicas: Int32, settings: [String: String]) {
        self.topic = topic
        self.name = name
        self.partitions = partitions
        self.replicas = replicas
        self.settings = settings
    }
}

/// Something about the settings of a topic, or of a broker.
public struct TopicFinding: Sendable, Equatable, CustomStringConvertible {
    /// Whose setting it is.
    public enum Subject: Sendable, Equatable, CustomStringConvertible {
        /// By the name the brokers know it by.
        case topic(String)
        /// By its number.
        case broker(Int32)

        public var description: String {
            switch self {
            case .topic(let name): name
            case .broker(let number): "broker \(number)"
            }
        }
    }

    public var subject: Subject
    public var setting: String
    /// As the brokers have it.
    public var value: String
    /// The topic may not be used: it would lose or reorder records.
    public var isRefusal: Bool
    /// What it leads to.
    public var consequence: String
    /// The command that mends it, or what to do.
    public var remedy: String

    public var description: String { "\(subject): \(setting)=\(value): \(consequence): \(remedy)" }
}

/// What brokers should be, whose settings hold for topics that are not there.
enum BrokerRequirements {
    /// A broker that makes topics by itself hides that one is missing: it comes back empty, with the brokers' own settings.
    /// - Parameter settings: as the broker has them; `nil` when it does not tell this user.
    static func findings(of broker: Int32, _ settings: [String: String]?) -> [TopicFinding] {
        let setting = "auto.create.topics.enable"
        guard let settings else {
            return [
                TopicFinding(
                    subject: .broker(broker), setting: setting, value: "unknown", isRefusal: false,
                    consequence: "this user may not ask the brokers for their settings",
                    remedy: "grant it DescribeConfigs on the cluster, or see yourself that it is false")
            ]
        }
        guard settings[setting] != "false" else { return [] }
        return [
            TopicFinding(
                subject: .broker(broker), setting: setting, value: settings[setting] ?? "unknown", isRefusal: false,
                consequence: "a topic that was deleted, or a name that is wrong, comes into being empty and with the "
                    + "broker's own settings, instead of an error",
                remedy: "set \(setting)=false in the settings of the broker and start it again")
        ]
    }
}

/// What a topic must be so that no record is lost or changes its place.
public enum TopicRequirements {
    /// Bytes of a record with what Kafka puts around it.
    private static let messageBytes = 1_048_588

    /// The settings `create` gives.
    /// - Parameters:
    ///   - replicas: how many copies each partition has.
    ///   - minInSync: how many must have a record before it is acknowledged; `nil` for one less than there are copies.
    ///   - compression: as Kafka's `compression.type`.
    public static func settings(replicas: Int, minInSync: Int?, compression: String) -> [(name: String, value: String)]
    {
        [
            ("cleanup.policy", "delete"), ("compression.type", compression),
            ("max.message.bytes", String(messageBytes)), ("message.timestamp.type", "LogAppendTime"),
            ("min.insync.replicas", String(minInSync ?? defaultMinInSync(replicas))), ("retention.bytes", "-1"),
            ("retention.ms", "-1"), ("unclean.leader.election.enable", "false"),
        ]
    }

    private static func defaultMinInSync(_ replicas: Int) -> Int { replicas >= 3 ? replicas - 1 : replicas }

    /// What is wrong with a topic, refusals first.
    public static func findings(of topic: TopicDescription) -> [TopicFinding] {
        let needed: [(name: String, value: String, consequence: String)] = [
            ("message.timestamp.type", "LogAppendTime", "producers could say when their records came"),
            ("cleanup.policy", "delete", "compaction removes all but the last record of a key"),
            ("retention.ms", "-1", "records are removed when they are old"),
            ("retention.bytes", "-1", "records are removed when there are many"),
            (
                "unclean.leader.election.enable", "false",
                "a replica that lacks acknowledged records may become the leader"
            ),
        ]
        var findings = needed.compactMap { name, value, consequence -> TopicFinding? in
            guard let found = topic.settings[name], found != value else { return nil }
            return refusal(topic, name, found, consequence, mend: value)
        }
        if let found = topic.settings["max.message.bytes"], let bytes = Int(found), bytes < messageBytes {
            findings.append(
                refusal(topic, "max.message.bytes", found, "large records are refused", mend: String(messageBytes)))
        }
        return findings + replication(topic)
    }

    private static func replication(_ topic: TopicDescription) -> [TopicFinding] {
        let found = topic.settings["min.insync.replicas"] ?? "1"
        let inSync = Int(found) ?? 1
        if topic.replicas > 1 && inSync < 2 {
            return [
                refusal(
                    topic, "min.insync.replicas", found, "a record may be acknowledged while one broker alone has it",
                    mend: String(defaultMinInSync(Int(topic.replicas))))
            ]
        }
        if topic.replicas < inSync {
            return [
                refusal(
                    topic, "min.insync.replicas", found,
                    "there are only \(topic.replicas) replicas, so nothing is accepted",
                    mend: String(topic.replicas))
            ]
        }
        guard topic.replicas == 1, topic.settings["flush.messages"] != "1" else { return [] }
        return [
            TopicFinding(
                subject: .topic(topic.name), setting: "flush.messages",
                value: topic.settings["flush.messages"] ?? "unknown",
                isRefusal: false,
                consequence: "the only replica acknowledges before it syncs, so a power cut loses acknowledged records",
                remedy: "use three brokers, or set flush.messages=1: \(command(topic.name, "flush.messages", "1"))")
        ]
    }

    private static func refusal(
        _ topic: TopicDescription, _ name: String, _ value: String, _ consequence: String, mend: String
    ) -> TopicFinding {
        TopicFinding(
            subject: .topic(topic.name), setting: name, value: value, isRefusal: true, consequence: consequence,
            remedy: command(topic.name, name, mend))
    }

    private static func command(_ topic: String, _ name: String, _ value: String) -> String {
        "kafka-configs.sh --bootstrap-server HOST:PORT --alter --entity-type topics --entity-name \(topic) "
            + "--add-config \(name)=\(value)"
    }
}
