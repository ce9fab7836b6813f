public import EventLog
public import Messaging
public import ViewStorage

/// What readers ask the shared-content view, wherever it is stored.
///
/// Every query is called inside ``read(_:)`` and sees that one state. Pages are found by key, never by counting.
/// Content and titles come sealed. Threads: one at a time; calls block.
public protocol SharedContentQueries: ViewQueries {
    /// `nil` when no record named the conversation; its `kind` is `nil` while nobody has created it.
    func conversation(_ id: ConversationID) throws -> ConversationRow?

    /// The title in force; `nil` also when the conversation is not here.
    func title(of id: ConversationID) throws -> Title?

    /// A member's intervals, in order of joining; empty when the member never was a participant.
    func intervals(of key: ConversationMember) throws -> [MembershipInterval]

    /// All intervals of all members, in order of joining, then member id.
    func participants(of id: ConversationID, after place: ParticipantPlace?, limit: Int) throws -> [ParticipantEntry]

    func message(_ key: ConversationMessage) throws -> SharedMessage?

    /// Messages of a span of ords, nearest to where reading begins first.
    /// - Parameters:
    ///   - span: ords from the lower bound on, below the upper.
    ///   - place: exclusive; behind it when `forward`, before it otherwise. `nil` begins at that end of the span.
    func messages(
        of id: ConversationID, in span: Range<Int64>, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> [SharedMessage]

    /// The versions that were not withdrawn, oldest first, with what the view still has of their content.
    func versions(of message: SharedMessage) throws -> [SharedVersion]

    /// What the fold refused, by position.
    /// - Parameter actor: whose; `nil` for everybody's.
    func rejections(of actor: MemberID?, after position: Position?, limit: Int) throws -> [RejectionEntry]

    /// The greatest ord given to a record of the conversation; `nil` when no record named it.
    func lastOrd(of id: ConversationID) throws -> Int64?

    /// Rejections now, by partition.
    func rejectionCounts() throws -> [TopicPartition: Int64]

    /// The replicator's commands that were rejected because another one of their version was there first.
    ///
    /// Cost: reads all rejections.
    func legacyVersionConflicts() throws -> Int64

    /// Commands that wait for their message now, by partition.
    func waitingCounts() throws -> [TopicPartition: Int64]
}

/// A place in a conversation: that of a message, whether or not it is still visible.
public struct MessagePlace: Hashable, Comparable, Sendable {
    public var ord: Int64
    public var message: MessageID

    public init(ord: Int64, message: MessageID) {
        self.ord = ord
        self.message = message
    }

    public static func < (left: MessagePlace, right: MessagePlace) -> Bool {
        left.ord != right.ord ? left.ord < right.ord : left.message < right.message
    }
}

/// A place in a conversation's list of participants.
public struct ParticipantPlace: Hashable, Sendable {
    public var joined: Int64
    public var member: MemberID

    public init(joined: Int64, member: MemberID) {
        self.joined = joined
        self.member = member
    }
}

/// One membership of one member.
public struct ParticipantEntry: Sendable, Equatable {
    public var member: MemberID
    public var interval: MembershipInterval
}

/// A message as the view has it.
public struct SharedMessage: Sendable, Equatable {
    public var key: ConversationMessage
    public var ord: Int64
    public var sender: MemberID
    /// The command that sent it.
    public var original: CommandID
    /// The command that names the version in force; `nil` when deleted.
    public var current: CommandID?
    /// Which keys sealed the version in force, or the one that was when the message was deleted.
    public var keyGenerations: UInt64
    /// Of the version in force; `nil` when deleted.
    public var content: Sealed?
    public var replyTo: MessageID?
    public var sentAt: [UInt8]?
    public var tombstone: Tombstone?
    /// Those that are on, by reaction and member; empty when deleted.
    public var reactions: [SharedReaction]

    public var place: MessagePlace { MessagePlace(ord: ord, message: key.message) }
}

/// One member's reaction.
public struct SharedReaction: Sendable, Equatable {
    public var reaction: [UInt8]
    public var member: MemberID
}

/// One version of a message.
public struct SharedVersion: Sendable, Equatable {
    public var id: CommandID
    public var ord: Int64
    public var content: Sealed?
}

/// A command the fold refused.
public struct RejectionEntry: Sendable, Equatable {
    public var position: Position
    public var id: CommandID
    public var actor: MemberID
    /// The command's name as in its JSON form.
    public var command: String
    public var conversation: ConversationID
    public var reason: RejectionReason
    public var ord: Int64
}
