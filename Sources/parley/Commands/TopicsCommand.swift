import Arguments
import Deployment
import EventLog
import KafkaLog
import Wire

/// `parley topics create|describe|check`
enum TopicsCommand: Subcommand {
    private static let verbs = ["create", "describe", "check"]
    private static let verb = Positional.one(
        "create|describe|check", help: "What to do with the topics.", convert: Values.word(of: verbs))
    private static let partitions = Option.value(
        "partitions", placeholder: "N", default: 8, defaultText: "8",
        help: "create: partitions of each topic, fixed for the log's life.", convert: Values.integer(in: 1...32_768))
    private static let replicas = Option.value(
        "replicas", placeholder: "N", default: 3, defaultText: "3",
        help: "create: copies of each partition; at most as many as there are brokers.",
        convert: Values.integer(in: 1...100))
    private static let minInSync = Option<Int?>.optional(
        "min-insync", placeholder: "N", help: "create: copies that must have a record before it is acknowledged.",
        defaultText: "one less than --replicas, at least two of two", convert: Values.integer(in: 1...100))
    private static let compressions = ["producer", "uncompressed", "zstd", "lz4", "snappy", "gzip"]
    private static let compression = Option.value(
        "compression", placeholder: "NAME", default: "producer", defaultText: "producer: as producers send",
        help: "create: Kafka's compression.type.", completion: .words(compressions),
        convert: Values.word(of: compressions))

    static let declaration = CommandDeclaration(
        "topics", section: Section.running, summary: "make and check the topics of a log on Kafka",
        discussion: [
            "create makes the topics that are not there, with every setting said, and leaves the others alone. check tells "
                + "what would lose or reorder records, with the command that mends it; such topics are refused by every "
                + "command. Exits with 1 when some are. Brokers that make missing topics by themselves are warned about."
        ],
        positionals: [verb.declaration],
        options: [
            partitions.declaration, replicas.declaration, minInSync.declaration, compression.declaration,
        ],
        examples: [
            .init("parley topics create --log kafka:k1:9092,k2:9092 --partitions 16", "Makes the topics."),
            .init("parley topics check --log kafka:k1:9092 --json", "Checks their settings."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let settings = try DeploymentSettings(arguments)
        guard case .kafka(let brokers) = settings.log else {
            throw Failure(.wrongUsage, "topics: --log: the log is not on Kafka: give --log kafka:HOST:PORT,...")
        }
        let topics = KafkaTopics(try KafkaSettings(brokers: brokers, properties: settings.kafka))
        switch arguments[verb] {
        case "create": return try create(topics, arguments, console)
        case "describe": return try describe(topics, console)
        default: return try check(topics, console)
        }
    }

    private static func create(
        _ topics: KafkaTopics, _ arguments: ParsedArguments, _ console: Console
    ) throws -> ExitCode {
        let (copies, inSync) = (arguments[replicas], arguments[minInSync])
        if let inSync, inSync > copies {
            throw Failure(.wrongUsage, "topics: --min-insync: \(inSync) of \(copies) replicas: give at most --replicas")
        }
        let count = Int32(arguments[partitions])
        let made = try topics.create(
            PartitionCounts(conversationCommands: count, memberCommands: count, legacyWrites: count), replicas: copies,
            minInSync: inSync, compression: arguments[compression])
        if console.json {
            try Reading.print(console) { writer in
                writer.beginObject()
                writer.key("created")
                writer.beginArray()
                for name in made { writer.string(name) }
                writer.endArray()
                writer.endObject()
            }
        } else {
            for name in made { try console.output.writeLine("created \(name)") }
            if made.isEmpty { try console.output.writeLine("every topic is there already") }
        }
        return try report(topics, console)
    }

    private static func describe(_ topics: KafkaTopics, _ console: Console) throws -> ExitCode {
        for topic in try topics.describe() {
            let settings = topic.settings.sorted { $0.key < $1.key }
            guard console.json else {
                try console.output.writeLine(
                    "\(topic.name): \(topic.partitions) partitions, \(topic.replicas) replicas")
                for (name, value) in settings { try console.output.writeLine("  \(name)=\(value)") }
                continue
            }
            try Reading.print(console) { writer in
                writer.beginObject()
                writer.key("topic")
                writer.string(topic.topic.name)
                writer.key("name")
                writer.string(topic.name)
                writer.key("partitions")
                writer.int(Int(topic.partitions))
                writer.key("replicas")
                writer.int(Int(topic.replicas))
                writer.key("settings")
                writer.beginObject()
                for (name, value) in settings {
                    writer.key(Array(name.utf8))
                    writer.string(value)
                }
                writer.endObject()
                writer.endObject()
            }
        }
        return .done
    }

    private static func check(_ topics: KafkaTopics, _ console: Console) throws -> ExitCode {
        let findings = try topics.check()
        for finding in findings {
            guard console.json else {
                try console.output.writeLine("\(finding.isRefusal ? "refused" : "warning"): \(finding)")
                continue
            }
            try Reading.print(console) { writer in
                writer.beginObject()
                write(finding.subject, to: &writer)
                for (name, value) in [
                    ("setting", finding.setting), ("value", finding.value), ("consequence", finding.consequence),
                    ("remedy", finding.remedy),
                ] {
                    writer.key(Array(name.utf8))
                    writer.string(value)
                }
                writer.key("refused")
                writer.bool(finding.isRefusal)
                writer.endObject()
            }
        }
        return findings.contains(where: \.isRefusal) ? .no : .done
    }

    private static func write(_ subject: TopicFinding.Subject, to writer: inout JSONWriter) {
        writer.key("topic")
        if case .topic(let name) = subject { writer.string(name) } else { writer.null() }
        writer.key("broker")
        if case .broker(let number) = subject { writer.int(Int(number)) } else { writer.null() }
    }

    /// Tells on standard error what is wrong with the topics, those that were there before too.
    private static func report(_ topics: KafkaTopics, _ console: Console) throws -> ExitCode {
        let findings = try topics.check()
        for finding in findings { Console.complain("\(finding.isRefusal ? "refused" : "warning"): \(finding)") }
        return findings.contains(where: \.isRefusal) ? .no : .done
    }
}
