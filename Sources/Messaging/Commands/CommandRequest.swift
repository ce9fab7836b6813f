/// What a member asked, in clear, before admission: ids that admission computes may be missing, nothing is sealed.
public struct CommandRequest: Sendable, Equatable {
    /// The idempotency key; absent, admission mints one.
    public var id: CommandID?
    public var actor: MemberID
    /// Absent only in a `sendDirect`, whose conversation is computed; given there, admission compares the two.
    public var conversation: ConversationID?
    public var kind: Kind

    public init(id: CommandID? = nil, actor: MemberID, conversation: ConversationID?, kind: Kind) {
        self.id = id
        self.actor = actor
        self.conversation = conversation
        self.kind = kind
    }

    /// One case for each command of the JSON form. Where nothing is to be sealed it carries what the log carries.
    public enum Kind: Sendable, Equatable {
        case createConversation(CreateRequest)
        case send(SendRequest)
        /// A message to the direct conversation of the actor and this member, which it makes when it is the first.
        case sendDirect(to: MemberID, SendRequest)
        case edit(EditRequest)
        case delete(Delete)
        case react(React)
        case addParticipants(AddParticipants)
        case removeParticipant(RemoveParticipant)
        case setModerator(SetModerator)
        case rename(title: [UInt8])
        case close(Close)
        case read(Read)
        case markUnread
        case star(Mark)
        case hide(Mark)
        case archive(Archive)
        case mute(Mute)
    }
}

/// A group to be made; the actor is always a participant.
public struct CreateRequest: Sendable, Equatable {
    public var participants: [MemberID]
    public var title: [UInt8]?
    public var history: History

    public init(participants: [MemberID], title: [UInt8]?, history: History) {
        self.participants = participants
        self.title = title
        self.history = history
    }
}

/// A message to be sent.
public struct SendRequest: Sendable, Equatable {
    /// Absent, the command id's text is used.
    public var clientToken: [UInt8]?
    public var content: Content
    public var replyTo: MessageID?
    /// The sender's clock, RFC 3339 text as given.
    public var sentAt: [UInt8]?
    /// The message id when the producer gave one; admission compares it with the one it computes.
    public var message: MessageID?

    public init(
        clientToken: [UInt8]? = nil, content: Content, replyTo: MessageID? = nil, sentAt: [UInt8]? = nil,
        message: MessageID? = nil
    ) {
        self.clientToken = clientToken
        self.content = content
        self.replyTo = replyTo
        self.sentAt = sentAt
        self.message = message
    }
}

/// A new version of a message.
public struct EditRequest: Sendable, Equatable {
    public var message: MessageID
    public var content: Content
    public var expectedVersion: CommandID?

    public init(message: MessageID, content: Content, expectedVersion: CommandID? = nil) {
        self.message = message
        self.content = content
        self.expectedVersion = expectedVersion
    }
}
