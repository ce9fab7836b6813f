public import EventLog
public import Messaging
public import ViewStorage

/// What readers ask the personal-metadata view, wherever it is stored.
///
/// Every query is called inside ``read(_:)`` and sees that one state. Pages are found by key, never by counting, so a
/// page costs the same at any depth. Threads: one at a time; calls block.
public protocol PersonalMetadataQueries: ViewQueries {
    /// Rows of the member's mailbox, newest activity first, ties by conversation id.
    /// - Parameters:
    ///   - rows: which of the member's conversations.
    ///   - place: behind which to begin; `nil` for the first page.
    func mailbox(
        of member: MemberID, _ rows: MailboxRows, after place: MailboxPlace?, limit: Int
    ) throws -> [MailboxEntry]

    /// How many listed conversations call for attention (rule 27), at most `cap`.
    func badge(of member: MemberID, cap: Int) throws -> Int

    /// One conversation as the member has it; `nil` when the member never was a participant.
    func row(of key: ConversationMember) throws -> PersonalRow?

    /// Stars and hides of messages of one conversation, in the order of `messages`.
    func marks(of key: ConversationMember, messages: [MessageID]) throws -> [PersonalMessageRow]

    /// Messages the member starred and neither hid nor saw deleted, newest ord first, ties by message id. The member may
    /// see them or not: who was where when decides.
    func stars(of member: MemberID, after place: StarPlace?, limit: Int) throws -> [StarPlace]

    /// Present participants with their public markers, by member id.
    func receipts(of conversation: ConversationID, after member: MemberID?, limit: Int) throws -> [Receipt]

    /// The greatest ord given to a record of the conversation; `nil` when no record named it.
    func lastOrd(of conversation: ConversationID) throws -> Int64?

    /// Commands that wait for their message now, by partition.
    /// - Parameter partitionOf: which partition a member's commands are in.
    func waitingCounts(partitionOf: (MemberID) -> TopicPartition) throws -> [TopicPartition: Int64]
}

/// Which conversations of a member.
public enum MailboxRows: Sendable, Equatable {
    case unarchived
    case archived
    /// All, left ones too.
    case all
    /// All with unread messages or marked unread.
    case unread
}

/// A place in a mailbox: that of a conversation, whether or not it is still there.
public struct MailboxPlace: Hashable, Comparable, Sendable {
    public var activity: Int64
    public var conversation: ConversationID

    public init(activity: Int64, conversation: ConversationID) {
        self.activity = activity
        self.conversation = conversation
    }

    /// Newest activity first, then by conversation id.
    public static func < (left: MailboxPlace, right: MailboxPlace) -> Bool {
        left.activity != right.activity ? left.activity > right.activity : left.conversation < right.conversation
    }
}

/// A conversation as it stands in a member's mailbox.
public struct MailboxEntry: Sendable, Equatable {
    public var conversation: ConversationID
    public var kind: ConversationKind
    public var history: History
    public var isClosed: Bool
    public var participantCount: Int32
    /// The other one of a direct conversation.
    public var other: MemberID?
    /// What the member has of it, up to date.
    public var row: PersonalRow
    public var unread: UnreadCount

    public var place: MailboxPlace { MailboxPlace(activity: row.activity, conversation: conversation) }
}

/// Unread messages, counted up to ``Limits/unreadCap``.
public struct UnreadCount: Sendable, Equatable {
    public var count: Int
    /// There are more.
    public var isCapped: Bool

    /// - Parameter found: how many were found, looking for one more than the cap.
    public init(found: Int) {
        count = min(found, Limits.unreadCap)
        isCapped = found > Limits.unreadCap
    }
}

/// A starred message and its place among the member's stars.
public struct StarPlace: Hashable, Sendable {
    public var ord: Int64
    public var target: ConversationMessage

    public init(ord: Int64, target: ConversationMessage) {
        self.ord = ord
        self.target = target
    }
}

/// How far a participant has read, as others may know.
public struct Receipt: Sendable, Equatable {
    public var member: MemberID
    /// `nil` without a public read.
    public var readUpTo: Int64?
}
