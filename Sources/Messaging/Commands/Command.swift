/// What a member asked, as it stands in the log: admitted, with content and titles sealed.
///
/// SEMANTICS sections A and B say what each one means.
public enum Command: Sendable, Equatable {
    // About a conversation: topic `conversation-commands`, key conversation.
    case createConversation(CreateConversation)
    case send(Send)
    case edit(Edit)
    case delete(Delete)
    case react(React)
    case addParticipants(AddParticipants)
    case removeParticipant(RemoveParticipant)
    case setModerator(SetModerator)
    case rename(Rename)
    case close(Close)
    case stay(Stay)
    // About one member's view of it: topic `member-commands`, key member.
    case read(Read)
    case markUnread
    case star(Mark)
    case hide(Mark)
    case archive(Archive)
    case mute(Mute)
    case copyState(CopyState)

    /// Whether only the actor's own metadata changes, so that the record belongs to `member-commands`.
    @inlinable
    public var isPersonal: Bool {
        switch self {
        case .read, .markUnread, .star, .hide, .archive, .mute, .copyState: true
        default: false
        }
    }
}

/// A group with its first participants; the actor is always one, and its first moderator.
public struct CreateConversation: Sendable, Equatable {
    public var participants: [MemberID]
    public var title: Sealed?
    public var history: History

    public init(participants: [MemberID], title: Sealed?, history: History) {
        self.participants = participants
        self.title = title
        self.history = history
    }
}

/// A message. `direct` names the other member when the conversation is the direct one of two, made by its first message.
public struct Send: Sendable, Equatable {
    public var message: MessageID
    public var clientToken: [UInt8]
    public var content: Sealed
    /// A keyed digest of content and `replyTo`, so that a projector can tell a copy from a conflict without opening either.
    public var digest: PayloadDigest
    public var replyTo: MessageID?
    /// The sender's clock as given, RFC 3339 text; display metadata, never order.
    public var sentAt: [UInt8]?
    public var direct: MemberID?
    /// Only with origin `legacy`: its place in the conversation, the legacy sent time in microseconds. A message of
    /// Parley's own gets its place from the log.
    public var legacyOrd: Int64?

    public init(
        message: MessageID, clientToken: [UInt8], content: Sealed, digest: PayloadDigest, replyTo: MessageID?,
        sentAt: [UInt8]?, direct: MemberID?, legacyOrd: Int64? = nil
    ) {
        self.message = message
        self.clientToken = clientToken
        self.content = content
        self.digest = digest
        self.replyTo = replyTo
        self.sentAt = sentAt
        self.direct = direct
        self.legacyOrd = legacyOrd
    }
}

public struct Edit: Sendable, Equatable {
    public var message: MessageID
    public var content: Sealed
    public var expectedVersion: CommandID?
    /// Only with origin `legacy`.
    public var legacy: LegacyEdit?

    public init(message: MessageID, content: Sealed, expectedVersion: CommandID?, legacy: LegacyEdit? = nil) {
        self.message = message
        self.content = content
        self.expectedVersion = expectedVersion
        self.legacy = legacy
    }
}

/// What an edit in the legacy system says besides: the copies of the edited message make one version.
public struct LegacyEdit: Sendable, Equatable {
    /// The version's ord: when the message was edited there, microseconds.
    public var ord: Int64
    /// Keyed digest of the content, so that copies which disagree are found without opening any.
    public var digest: PayloadDigest

    public init(ord: Int64, digest: PayloadDigest) {
        self.ord = ord
        self.digest = digest
    }
}

/// A delete for everyone, or with `version` the withdrawal of that version only.
public struct Delete: Sendable, Equatable {
    public var message: MessageID
    public var version: CommandID?
    public var reason: [UInt8]?

    public init(message: MessageID, version: CommandID?, reason: [UInt8]?) {
        self.message = message
        self.version = version
        self.reason = reason
    }
}

public struct React: Sendable, Equatable {
    public var message: MessageID
    public var reaction: [UInt8]
    public var on: Bool

    public init(message: MessageID, reaction: [UInt8], on: Bool) {
        self.message = message
        self.reaction = reaction
        self.on = on
    }
}

public struct AddParticipants: Sendable, Equatable {
    public var members: [MemberID]
    public init(members: [MemberID]) { self.members = members }
}

/// A removal; of the actor itself, a leave.
public struct RemoveParticipant: Sendable, Equatable {
    public var member: MemberID
    public init(member: MemberID) { self.member = member }
}

public struct SetModerator: Sendable, Equatable {
    public var member: MemberID
    public var on: Bool

    public init(member: MemberID, on: Bool) {
        self.member = member
        self.on = on
    }
}

public struct Rename: Sendable, Equatable {
    public var title: Sealed
    public init(title: Sealed) { self.title = title }
}

public struct Close: Sendable, Equatable {
    public var on: Bool
    public init(on: Bool) { self.on = on }
}

/// One membership as the legacy system states it; only with origin `legacy`. Stated again, it changes nothing.
public struct Stay: Sendable, Equatable {
    public var member: MemberID
    /// When it began, microseconds of the legacy store's clock: two stays of a member differ in it.
    public var joined: Int64
    /// When it ended; `nil` when it had not.
    public var left: Int64?

    public init(member: MemberID, joined: Int64, left: Int64?) {
        self.member = member
        self.joined = joined
        self.left = left
    }
}

/// The state of the actor's own copy of a message in the legacy system (SEMANTICS 22); only with origin `legacy`. Each of
/// the three is a register by the record's source version.
public struct CopyState: Sendable, Equatable {
    public var message: MessageID
    /// The message's ord, the legacy sent time: the message itself may not be here yet.
    public var ord: Int64
    /// `nil` in the sender's own copy, which says nothing about reading.
    public var isRead: Bool?
    public var isStarred: Bool
    /// The owner deleted this copy.
    public var isHidden: Bool

    public init(message: MessageID, ord: Int64, isRead: Bool?, isStarred: Bool, isHidden: Bool) {
        self.message = message
        self.ord = ord
        self.isRead = isRead
        self.isStarred = isStarred
        self.isHidden = isHidden
    }
}

/// How far a personal command reaches: an ord the reader was given, or a message whose ord the fold looks up.
public enum UpTo: Sendable, Equatable {
    /// Microseconds, as the reader was given it.
    case ord(Int64)
    case message(MessageID)
}

public struct Read: Sendable, Equatable {
    public var upTo: UpTo
    /// A private read moves the badge but shows in nobody's receipts.
    public var isPrivate: Bool

    public init(upTo: UpTo, isPrivate: Bool) {
        self.upTo = upTo
        self.isPrivate = isPrivate
    }
}

/// A star or a hide, on or off.
public struct Mark: Sendable, Equatable {
    public var message: MessageID
    public var on: Bool

    public init(message: MessageID, on: Bool) {
        self.message = message
        self.on = on
    }
}

/// An archiving up to a point, or with no point the end of one.
public struct Archive: Sendable, Equatable {
    /// `nil`: no longer archived.
    public var upTo: UpTo?
    public init(upTo: UpTo?) { self.upTo = upTo }
}

public struct Mute: Sendable, Equatable {
    public var on: Bool
    public init(on: Bool) { self.on = on }
}

/// What who joins may see of before.
public enum History: UInt8, Sendable, Equatable {
    /// Only what came inside one's own intervals.
    case fromJoin = 0
    /// Everything before one left.
    case all = 1
}

extension Command {
    /// The word for this command in JSON, rows and metrics.
    public var name: String {
        switch self {
        case .createConversation: "createConversation"
        case .send(let send): send.direct == nil ? "send" : "sendDirect"
        case .edit: "edit"
        case .delete: "delete"
        case .react: "react"
        case .addParticipants: "addParticipants"
        case .removeParticipant: "removeParticipant"
        case .setModerator: "setModerator"
        case .rename: "rename"
        case .close: "close"
        case .stay: "stay"
        case .read: "read"
        case .markUnread: "markUnread"
        case .star: "star"
        case .hide: "hide"
        case .archive: "archive"
        case .mute: "mute"
        case .copyState: "copyState"
        }
    }
}
