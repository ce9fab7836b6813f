/// What the personal view knows of a member itself.
public struct MemberRow: Sendable, Equatable {
    /// The greatest member ord given to a record of this member; microseconds.
    public var lastOrd: Int64 = 0
    /// Reads and archives that wait for their message.
    public var waitingCount: Int32 = 0
    /// Reads and archives that were dropped because too many waited.
    public var droppedCount: Int64 = 0
    /// Conversations the member ever joined.
    public var conversationCount: Int32 = 0
    /// Whether the member's rows are kept in the mailbox index; so once there are more than
    /// ``Limits/unindexedConversations``, and for good. A smaller mailbox is merged at read time, and a message to its
    /// member writes nothing there.
    public var isIndexed = false

    public init() {}
}

/// What a member has of a conversation: one row, never one per message.
public struct PersonalRow: Sendable, Equatable {
    /// Ords read up to; two max-registers (rule 19).
    public var readPrivate: Int64 = 0
    /// -1 without a public read: one up to 0 is one, and shows as a receipt.
    public var readPublic: Int64 = -1
    /// The greatest ord of the member's own accepted sends (rule 20).
    public var ownLast: Int64 = 0
    /// Member ord and id of the last read judged.
    public var lastRead: Int64 = 0
    public var lastReadID: CommandID?
    /// Member ord of the last mark-unread.
    public var markedAt: Int64 = 0
    public var isMuted = false
    public var mutedAt: Int64 = 0
    /// Archived up to this ord; `nil`: not archived.
    public var archivedUpTo: Int64?
    public var archivedAt: Int64 = 0
    /// Latest joining; `nil` when the member never was a participant.
    public var joined: Int64?
    /// When the member left; `nil` while inside.
    public var left: Int64?
    /// The greatest ord of sends accepted while the member participated. Of a member inside it may be behind unless
    /// the row is indexed: the conversation's own `lastSend` is merged at read time (``merged(lastSend:)``).
    public var lastSeenSend: Int64 = 0
    public var placement = Placement.indexed
    /// How many of the member's legacy copies here are flagged unread, with no read after the flag that reaches them.
    public var unreadFlags: Int32 = 0
    /// Which reads reach how far, when the last one alone does not tell: see ``ReadReach``.
    public var reads: [ReadReach]?

    /// How the mailbox finds the row. No answer depends on it.
    public enum Placement: UInt8, Sendable {
        /// By the mailbox index: `lastSeenSend` is up to date.
        case indexed = 0
        /// The member is inside a big conversation (rule 28): merged at read time.
        case big = 1
        /// The member's mailbox is small: all of it is merged at read time.
        case unindexed = 2
    }

    public init() {}

    /// The greater of the two markers, own sends included: what counts as read.
    public var readUpTo: Int64 { max(readPrivate, readPublic, ownLast) }
    public var isMarkedUnread: Bool { markedAt > lastRead }
    /// Rule 26, for a row whose `lastSeenSend` is up to date.
    public var activity: Int64 { max(lastSeenSend, joined ?? 0) }
    /// Rule 24.
    public var isArchived: Bool {
        guard let archivedUpTo else { return false }
        return isMuted || archivedUpTo >= activity
    }
    /// Whether the badge must look here: never `false` where there is something unread.
    public var needsAttention: Bool {
        joined != nil && !isMuted && !isArchived && (isMarkedUnread || mayHaveUnread)
    }
    /// Whether there may be unread messages: never `false` where there are.
    public var mayHaveUnread: Bool { unreadFlags > 0 || lastSeenSend > readUpTo }
    /// The row with a big conversation's last send merged in.
    public func merged(lastSend: Int64) -> PersonalRow {
        var row = self
        if let joined, left == nil, lastSend >= joined { row.lastSeenSend = max(lastSeenSend, lastSend) }
        return row
    }
}

/// A personal command's id: judged once per member, whatever the conversation.
@frozen
public struct MemberCommand: Hashable, Sendable {
    public var member: MemberID
    public var command: CommandID

    @inlinable
    public init(_ member: MemberID, _ command: CommandID) {
        self.member = member
        self.command = command
    }
}

/// A message as one member marks it.
@frozen
public struct PersonalMessageKey: Hashable, Sendable {
    public var member: MemberID
    public var target: ConversationMessage

    @inlinable
    public init(_ member: MemberID, _ target: ConversationMessage) {
        self.member = member
        self.target = target
    }
}

/// A star and a hide: registers, the latest by member ord, of a legacy write by its source version (rule 23); and the read
/// flag of a legacy copy (rule 22).
public struct PersonalMessageRow: Sendable, Equatable {
    public var isStarred = false
    public var starredAt: Int64 = 0
    public var isHidden = false
    public var hiddenAt: Int64 = 0
    /// What the member's own copy says; `nil` without one, or when it says unread and a read after it reached the message.
    public var readFlag: Bool?
    /// Source version of the last flag.
    public var flaggedAt: Int64 = 0
    /// The message's ord as the copy gave it.
    public var ord: Int64 = 0

    public init() {}
}

/// A read or an archive that waits for its message.
public struct WaitingPersonal: Sendable, Equatable {
    public enum Effect: UInt8, Sendable {
        case readPublic = 0
        case readPrivate = 1
        case archive = 2
    }
    public var member: MemberID
    public var memberOrd: Int64
    public var id: CommandID
    public var effect: Effect

    public init(member: MemberID, memberOrd: Int64, id: CommandID, effect: Effect) {
        self.member = member
        self.memberOrd = memberOrd
        self.id = id
        self.effect = effect
    }
}
