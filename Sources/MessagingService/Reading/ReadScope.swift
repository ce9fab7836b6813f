public import EventLog
import Messaging
import Projection
import Wire

/// From which state a read must be answered, and how long it may wait for that.
public struct AtLeast: Sendable {
    public var token: PositionToken
    public var wait: Duration

    public init(_ token: PositionToken, wait: Duration = .zero) {
        self.token = token
        self.wait = wait
    }
}

/// The partitions of each view that an answer depends on. A view without any is not asked.
struct ReadScope {
    var shared: [TopicPartition] = []
    var personal: [TopicPartition] = []

    static func + (left: ReadScope, right: ReadScope) -> ReadScope {
        ReadScope(shared: left.shared + right.shared, personal: left.personal + right.personal)
    }
}

/// Names scopes, by the log's partition counts.
struct ReadScopes {
    let counts: PartitionCounts

    func partition(of id: ConversationID) -> TopicPartition {
        TopicPartition(
            .conversationCommands, Partitioner.partition(of: id.value, count: counts.conversationCommands))
    }

    func partition(of member: MemberID) -> TopicPartition {
        TopicPartition(.memberCommands, Partitioner.partition(of: member.value, count: counts.memberCommands))
    }

    /// One conversation in the shared view.
    func shared(_ id: ConversationID) -> ReadScope { ReadScope(shared: [partition(of: id)]) }

    /// One conversation as a member has it.
    func personal(_ id: ConversationID, _ member: MemberID) -> ReadScope {
        ReadScope(personal: [partition(of: id), partition(of: member)])
    }

    /// All conversations in the shared view.
    var sharedConversations: ReadScope { ReadScope(shared: counts.partitions(of: .conversationCommands)) }

    /// All conversations as a member has them.
    func personal(_ member: MemberID) -> ReadScope {
        ReadScope(personal: counts.partitions(of: .conversationCommands) + [partition(of: member)])
    }

    /// One conversation and what everybody read of it.
    func receipts(_ id: ConversationID) -> ReadScope {
        ReadScope(personal: [partition(of: id)] + counts.partitions(of: .memberCommands))
    }

    /// Everything a view is made of.
    func everything(of view: ProjectionName) -> ReadScope {
        let partitions = view.topics.flatMap(counts.partitions)
        return view == .shared ? ReadScope(shared: partitions) : ReadScope(personal: partitions)
    }
}
