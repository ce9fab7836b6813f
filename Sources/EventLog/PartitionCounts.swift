/// How many partitions each topic has: fixed for the life of a log, because a key's partition depends on it.
@frozen
public struct PartitionCounts: Hashable, Sendable {
    public var conversationCommands: Int32
    public var memberCommands: Int32
    public var legacyWrites: Int32

    /// - Precondition: every count is 1 to 32,768.
    public init(conversationCommands: Int32 = 8, memberCommands: Int32 = 8, legacyWrites: Int32 = 8) {
        for count in [conversationCommands, memberCommands, legacyWrites] {
            precondition(count >= 1 && count <= 32_768, "a topic has 1 to 32,768 partitions, not \(count)")
        }
        self.conversationCommands = conversationCommands
        self.memberCommands = memberCommands
        self.legacyWrites = legacyWrites
    }

    @inlinable
    public subscript(topic: Topic) -> Int32 {
        switch topic {
        case .conversationCommands: conversationCommands
        case .memberCommands: memberCommands
        case .legacyWrites: legacyWrites
        }
    }

    /// How many partitions there are in all.
    @inlinable
    public var total: Int { Int(conversationCommands) + Int(memberCommands) + Int(legacyWrites) }

    /// Every partition, by topic and number.
    public var all: [TopicPartition] { Topic.allCases.flatMap(partitions) }

    /// The partitions of one topic.
    public func partitions(of topic: Topic) -> [TopicPartition] {
        (0..<self[topic]).map { TopicPartition(topic, $0) }
    }

    /// The partition's place in ``all``, or `nil` when there is no such partition.
    @inlinable
    public func index(of partition: TopicPartition) -> Int? {
        guard partition.partition >= 0 && partition.partition < self[partition.topic] else { return nil }
        let before =
            switch partition.topic {
            case .conversationCommands: 0
            case .memberCommands: Int(conversationCommands)
            case .legacyWrites: Int(conversationCommands) + Int(memberCommands)
            }
        return before + Int(partition.partition)
    }
}
