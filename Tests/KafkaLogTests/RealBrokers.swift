import EventLog
import Glibc
import KafkaLog
import TestSupport

/// The real brokers that the tests of this target share: one that they start, or those of `PARLEY_TEST_KAFKA`.
enum RealBrokers {
    /// Whether there are any; says so once when there are none.
    static let areThere: Bool = {
        if given != nil || KafkaCluster.isAvailable { return true }
        print("tests on real Kafka brokers are skipped: neither KAFKA_HOME nor PARLEY_TEST_KAFKA is set")
        return false
    }()

    /// Whether the tests may start brokers of their own, to break them.
    static let canBeStarted: Bool = areThere && KafkaCluster.isAvailable

    private static let given = getenv("PARLEY_TEST_KAFKA").map { String(cString: $0) }
    private static let shared = Result { try given == nil ? KafkaCluster() : nil }

    /// `HOST:PORT,...` of the shared brokers; they are started when first asked for.
    static func bootstrap() throws -> String { try given ?? shared.get()?.bootstrap ?? "" }

    /// A log of its own on the shared brokers: topics nobody else uses.
    final class Place: Sendable {
        let settings: KafkaSettings

        init(_ counts: PartitionCounts, brokers: String? = nil, properties: [String: String] = [:]) throws {
            var properties = properties
            let number = UInt64.random(in: 0 ... .max)
            properties["topic.prefix"] = "test-\(String(number, radix: 36))-"
            properties["fetch.wait.max.ms"] = properties["fetch.wait.max.ms"] ?? "5"
            settings = try KafkaSettings(brokers: try brokers ?? RealBrokers.bootstrap(), properties: properties)
            _ = try KafkaTopics(settings).create(counts, replicas: 1)
        }

        func open() throws -> KafkaLog { try KafkaLog(settings) }
    }
}
