/// A conversation and one of its members. Keys compare in the order in which tables are clustered.
@frozen
public struct ConversationMember: Hashable, Comparable, Sendable {
    public var conversation: ConversationID
    public var member: MemberID

    @inlinable
    public init(_ conversation: ConversationID, _ member: MemberID) {
        self.conversation = conversation
        self.member = member
    }

    @inlinable
    public static func < (left: ConversationMember, right: ConversationMember) -> Bool {
        left.conversation != right.conversation ? left.conversation < right.conversation : left.member < right.member
    }
}

/// A message in its conversation: a message is never looked up without it.
@frozen
public struct ConversationMessage: Hashable, Comparable, Sendable {
    public var conversation: ConversationID
    public var message: MessageID

    @inlinable
    public init(_ conversation: ConversationID, _ message: MessageID) {
        self.conversation = conversation
        self.message = message
    }

    @inlinable
    public static func < (left: ConversationMessage, right: ConversationMessage) -> Bool {
        left.conversation != right.conversation ? left.conversation < right.conversation : left.message < right.message
    }
}

/// A command id as judged in a conversation: the same id in another conversation is another command.
@frozen
public struct ConversationCommand: Hashable, Comparable, Sendable {
    public var conversation: ConversationID
    public var command: CommandID

    @inlinable
    public init(_ conversation: ConversationID, _ command: CommandID) {
        self.conversation = conversation
        self.command = command
    }

    @inlinable
    public static func < (left: ConversationCommand, right: ConversationCommand) -> Bool {
        left.conversation != right.conversation ? left.conversation < right.conversation : left.command < right.command
    }
}

public enum ConversationKind: UInt8, Sendable {
    case group = 1
    case direct = 2
}

/// What a view knows of a conversation itself. One exists as soon as any record named it, whatever became of the record.
public struct ConversationRow: Sendable, Equatable {
    /// The greatest ord given to a record of this conversation; microseconds.
    public var lastOrd: Int64 = 0
    /// `nil` while nobody has created it.
    public var kind: ConversationKind?
    public var history: History = .fromJoin
    public var isClosed = false
    /// The title in force, with what opens it; `nil` in the personal view.
    public var title: Title?
    /// Participants now.
    public var participantCount: Int32 = 0
    /// Edits, deletes and reactions that wait for their message.
    public var waitingCount: Int32 = 0
    /// The greatest ord of an accepted send; 0 when there is none.
    public var lastSend: Int64 = 0
    /// Rule 28: more than 64 participants, until there are fewer than 48.
    public var isBig = false
    /// Who made it in the legacy system: a moderator while inside. `nil` for Parley's own.
    public var founder: MemberID?
    /// No interval ended later: a legacy message from before it may have been seen by somebody who left. Never too small.
    public var lastLeft: Int64 = 0

    public init() {}
}

/// A sealed title with the author and command that its authenticated data names.
public struct Title: Sendable, Equatable {
    public var sealed: Sealed
    public var author: MemberID
    public var command: CommandID
    /// What the latest is judged by: the record's ord, of a legacy write its source version.
    public var ord: Int64

    public init(sealed: Sealed, author: MemberID, command: CommandID, ord: Int64) {
        self.sealed = sealed
        self.author = author
        self.command = command
        self.ord = ord
    }
}

/// One membership: `[joined, left)` in ords of the conversation.
public struct MembershipInterval: Sendable, Equatable {
    public var joined: Int64
    public var left: Int64?
    /// Always `false` in an ended one: leaving ends the office.
    public var isModerator: Bool

    public init(joined: Int64, left: Int64?, isModerator: Bool) {
        self.joined = joined
        self.left = left
        self.isModerator = isModerator
    }
}

/// A message as the fold needs it: of a stored one, everything but its content.
public struct MessageRow: Sendable, Equatable {
    public var ord: Int64
    public var sender: MemberID
    /// The command that sent it, which names the original version.
    public var original: CommandID
    /// The command that names the version in force; `nil` when deleted.
    public var current: CommandID?
    public var digest: PayloadDigest
    public var replyTo: MessageID?
    public var sentAt: [UInt8]?
    /// The original's content while it is new; gone once stored, deleted or withdrawn.
    public var content: Sealed?
    /// Which keys sealed the original (``Sealed/keyGenerations``); stays when the content goes.
    public var keyGenerations: UInt64
    public var isOriginalWithdrawn = false
    public var tombstone: Tombstone?
    /// The ord of the version in force, where an edit made it.
    public var currentOrd: Int64 = 0
    /// Of a legacy message: the highest source version of a copy that gave the original; `nil` of Parley's own. 0: no copy
    /// told what was sent at first (``Record/placeholderVersion``).
    public var sourceVersion: Int64?
    /// Copies of it disagreed, which is reported once.
    public var isDisputed = false

    public init(
        ord: Int64, sender: MemberID, original: CommandID, current: CommandID?, digest: PayloadDigest,
        replyTo: MessageID?, sentAt: [UInt8]?, content: Sealed?, keyGenerations: UInt64
    ) {
        self.ord = ord
        self.sender = sender
        self.original = original
        self.current = current
        self.digest = digest
        self.replyTo = replyTo
        self.sentAt = sentAt
        self.content = content
        self.keyGenerations = keyGenerations
    }
}

/// What stays of a deleted message.
public struct Tombstone: Sendable, Equatable {
    public var by: MemberID
    public var ord: Int64
    public var reason: [UInt8]?

    public init(by: MemberID, ord: Int64, reason: [UInt8]?) {
        self.by = by
        self.ord = ord
        self.reason = reason
    }

    /// Of two of the same microsecond, one of them a legacy system's, the same one is the earlier whichever comes first.
    func isEarlier(than other: Tombstone) -> Bool {
        if (ord, by) != (other.ord, other.by) { return (ord, by) < (other.ord, other.by) }
        return (reason ?? []).lexicographicallyPrecedes(other.reason ?? [])
    }
}

/// A version made by an edit; the original's lives in its message's row.
public struct VersionRow: Sendable, Equatable {
    public var id: CommandID
    public var ord: Int64
    /// `nil` once stored, withdrawn, or gone with its message.
    public var content: Sealed?
    /// Which keys sealed it; known of a new version only, also when its content goes at once.
    public private(set) var keyGenerations: UInt64
    public var isWithdrawn: Bool
    /// Of a legacy edit: the highest source version of a copy that gave the content, and that content's digest.
    public var sourceVersion: Int64?
    public var digest: PayloadDigest?

    public init(id: CommandID, ord: Int64, content: Sealed?, isWithdrawn: Bool) {
        self.id = id
        self.ord = ord
        self.content = content
        keyGenerations = content?.keyGenerations ?? 0
        self.isWithdrawn = isWithdrawn
    }
}

extension VersionRow {
    /// Versions are ordered by their ords, those of one microsecond, of which a legacy system made some, by their ids.
    func isLater(than ord: Int64, _ id: CommandID) -> Bool { (self.ord, self.id) > (ord, id) }

    /// Takes what a later copy gives.
    mutating func replace(content: Sealed, digest: PayloadDigest) {
        self.content = content
        self.digest = digest
        keyGenerations = content.keyGenerations
    }
}

/// One member's reaction of one kind to one message.
public struct ReactionKey: Hashable, Sendable {
    public var target: ConversationMessage
    public var reaction: [UInt8]
    public var member: MemberID

    public init(target: ConversationMessage, reaction: [UInt8], member: MemberID) {
        self.target = target
        self.reaction = reaction
        self.member = member
    }
}

/// A last-writer-wins register: on or off, since an ord.
public struct ReactionRow: Sendable, Equatable {
    public var on: Bool
    public var ord: Int64

    public init(on: Bool, ord: Int64) {
        self.on = on
        self.ord = ord
    }
}

/// A command that waits for its message, with the rights its actor had when it was asked (rule 5).
public struct WaitingCommand: Sendable, Equatable {
    public var logged: LoggedRecord
    public var ord: Int64
    public var actorParticipates: Bool
    public var actorModerates: Bool

    public init(logged: LoggedRecord, ord: Int64, actorParticipates: Bool, actorModerates: Bool) {
        self.logged = logged
        self.ord = ord
        self.actorParticipates = actorParticipates
        self.actorModerates = actorModerates
    }
}

/// A command the fold refused: one per conversation and command id (rule 34).
public struct Rejection: Sendable, Equatable {
    public var conversation: ConversationID
    public var command: CommandID
    public var actor: MemberID
    /// The command's name as in its JSON form.
    public var name: String
    public var partition: Int32
    public var offset: Int64
    public var ord: Int64
    public var reason: RejectionReason
}
