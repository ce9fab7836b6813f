public import EventLog
import Glibc

/// The topics of a log on Kafka, for whoever sets one up.
public struct KafkaTopics: Sendable {
    private let settings: KafkaSettings

    public init(_ settings: KafkaSettings) { self.settings = settings }

    /// Makes the topics that are not there, with every setting said explicitly; those that are stay as they are.
    ///
    /// - Parameters:
    ///   - replicas: copies of each partition, at most as many as there are brokers.
    ///   - minInSync: how many copies must have a record before it is acknowledged; `nil`: one less than there are, at
    ///     least two where there are two.
    ///   - compression: as Kafka's `compression.type`; `producer` keeps what producers send.
    /// - Returns: the names of those that were made.
    /// - Throws: `LogError`.
    public func create(
        _ counts: PartitionCounts, replicas: Int, minInSync: Int? = nil, compression: String = "producer"
    ) throws -> [String] {
        try withAdministration { administration in
            let made = try administration.create(
                counts, replicas: replicas,
                values: TopicRequirements.settings(replicas: replicas, minInSync: minInSync, compression: compression))
            try awaitPropagation(administration)
            return made
        }
    }

    /// Brokers know a new topic a moment later than the one that made it.
    private func awaitPropagation(_ administration: TopicAdministration) throws {
        let deadline = Monitor.deadline(afterMillis: 30_000)
        while true {
            do {
                _ = try administration.describe()
                return
            } catch let error as LogError where error.code == .configuration && Monitor.nowNanos() < deadline {
                usleep(20_000)
            }
        }
    }

    /// The topics as they are.
    /// - Throws: `LogError`; `configuration` when one is missing.
    public func describe() throws -> [TopicDescription] { try withAdministration { try $0.describe() } }

    /// What is wrong with the topics' settings, and with the brokers' as far as they touch topics.
    /// - Throws: as ``describe()``.
    public func check() throws -> [TopicFinding] {
        try withAdministration { administration in
            let topics = try administration.describe().flatMap(TopicRequirements.findings)
            return try administration.brokers().reduce(into: topics) { found, broker in
                found += BrokerRequirements.findings(of: broker, try administration.settings(ofBroker: broker))
            }
        }
    }

    /// Deletes the topics with every record in them: for tests.
    package func delete() throws { try withAdministration { try $0.delete() } }

    private func withAdministration<Answer>(_ body: (TopicAdministration) throws -> Answer) throws -> Answer {
        let questions = try Questions(settings) { false }
        defer { questions.close() }
        try questions.reach()
        return try body(TopicAdministration(settings, questions.client))
    }
}
