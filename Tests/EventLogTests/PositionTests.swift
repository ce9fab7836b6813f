import EventLog
import Testing

@Suite struct PositionTests {
    @Test func textAndValueAreTheSame() throws {
        let position = Position(TopicPartition(.conversationCommands, 3), 1_024)
        #expect(position.description == "conversation-commands/3@1024")
        #expect(Position(text: "conversation-commands/3@1024") == position)
        for topic in Topic.allCases {
            let one = Position(TopicPartition(topic, .max), .max)
            #expect(Position(text: one.description) == one)
            #expect(TopicPartition(text: one.partition.description) == one.partition)
        }
    }

    @Test(arguments: [
        "", "@", "/", "conversation-commands", "conversation-commands/3", "conversation-commands/@3",
        "conversation-commands/3@", "conversation-commands/03@4", "conversation-commands/3@04",
        "conversation-commands/3@-1",
        "conversation-commands/-3@1", "conversation-commands/+3@1", "conversation-commands/2147483648@1",
        "conversation-commands/3@9223372036854775808", "Conversation-commands/3@1", "other/3@1",
        "conversation-commands/3@1 ", " conversation-commands/3@1", "conversation-commands/3@1@2",
    ])
    func otherTextIsRefused(_ text: String) {
        #expect(Position(text: text) == nil)
    }

    @Test func orderIsByTopicPartitionAndOffset() {
        let ordered = [
            Position(TopicPartition(.conversationCommands, 2), 9),
            Position(TopicPartition(.conversationCommands, 10), 0),
            Position(TopicPartition(.conversationCommands, 10), 1), Position(TopicPartition(.memberCommands, 0), 0),
            Position(TopicPartition(.legacyWrites, 0), 0),
        ]
        #expect(ordered.reversed().sorted() == ordered)
    }

    @Test func everyPartitionHasItsIndex() {
        let counts = PartitionCounts(conversationCommands: 3, memberCommands: 1, legacyWrites: 2)
        #expect(counts.all.count == counts.total)
        #expect(counts.all.map { counts.index(of: $0) } == (0..<6).map { $0 })
        #expect(counts.index(of: TopicPartition(.memberCommands, 1)) == nil)
        #expect(counts.index(of: TopicPartition(.memberCommands, -1)) == nil)
    }
}
