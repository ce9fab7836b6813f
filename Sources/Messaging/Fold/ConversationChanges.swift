/// Names one waiting command: its target and its ord.
public struct WaitingKey: Hashable, Sendable {
    public var target: ConversationMessage
    public var ord: Int64

    public init(target: ConversationMessage, ord: Int64) {
        self.target = target
        self.ord = ord
    }
}

/// What happened to a conversation, in order, for the personal fold.
enum ConversationEvent: Sendable {
    case joined(ConversationMember, ord: Int64, slot: Int)
    case left(ConversationMember, ord: Int64, slot: Int)
    /// A legacy record changed the member's intervals, which are all loaded.
    case stayed(ConversationMember, slot: Int)
    case resized(slot: Int)
    case sent(ConversationMessage, ord: Int64, sender: MemberID, slot: Int)
    case deleted(ConversationMessage)
}

/// What a batch changed, coalesced per row: keys of rows to write, read through ``ConversationFold``'s accessors.
public struct ConversationChanges: Sendable {
    var conversationSlots: [Int] = []
    var members: [ConversationMember] = []
    var messages: [ConversationMessage] = []
    var versions: [(ConversationMessage, VersionRow)] = []
    /// Where the versions of legacy edits stand among `versions`.
    var versionPlaces: [ConversationCommand: Int] = [:]
    var withdrawn: [(ConversationMessage, VersionRow)] = []
    /// Stored versions whose content or source version a later copy replaced.
    var replaced: [ConversationMessage: Set<CommandID>] = [:]
    /// Messages deleted in this batch: their stored versions lose their content, their reactions go.
    public internal(set) var deleted: [ConversationMessage] = []
    var reactions: [ReactionKey: ReactionRow] = [:]
    /// Command ids judged for the first time.
    public internal(set) var judged: [ConversationCommand] = []
    public internal(set) var rejections: [Rejection] = []
    /// Whether a send was rejected whose message is not in the state: were it stored, the outcome would be another one.
    public internal(set) var hasRejectedNewMessages = false
    var nowWaiting: [(ConversationMessage, WaitingCommand)] = []
    var noLongerWaiting: [WaitingKey] = []
    var events: [ConversationEvent] = []

    init() {}
}

extension ConversationFold {
    /// Calls `body` with every conversation row of the batch, and with what is stored of it. This walk and the others go in
    /// the order of the keys.
    public func forEachConversation(
        _ body: (ConversationID, ConversationRow, _ stored: ConversationRow?) throws -> Void
    ) rethrows {
        for index in changes.conversationSlots.sorted(by: { slots[$0].id < slots[$1].id }) {
            try body(slots[index].id, slots[index].row, slots[index].stored)
        }
    }

    /// Calls `body` with every membership interval that began, ended or changed.
    public func forEachInterval(
        _ body: (ConversationMember, MembershipInterval, _ isNew: Bool) throws -> Void
    ) rethrows {
        for key in changes.members.sorted() {
            guard let membership = memberships[key] else { continue }
            for interval in membership.ended { try body(key, interval, membership.isNew(interval)) }
            if let open = membership.open { try body(key, open, membership.isNew(open)) }
        }
    }

    /// Calls `body` with every message that is new or changed; `content` is only in new ones and those of
    /// ``forEachReplacedOriginal(_:)``.
    public func forEachMessage(
        _ body: (ConversationMessage, MessageRow, _ isNew: Bool) throws -> Void
    ) rethrows {
        for key in changes.messages.sorted() {
            guard let slot = messages[key] else { continue }
            try body(key, slot.row, slot.isNew)
        }
    }

    /// Calls `body` with every version an edit made; without content where it was withdrawn or deleted at once.
    public func forEachNewVersion(_ body: (ConversationMessage, VersionRow) throws -> Void) rethrows {
        let withdrawn = Set(changes.withdrawn.map { ConversationCommand($0.0.conversation, $0.1.id) })
        for (key, version) in changes.versions {
            var version = version
            version.isWithdrawn = withdrawn.contains(ConversationCommand(key.conversation, version.id))
            if version.isWithdrawn || messages[key]?.row.tombstone != nil { version.content = nil }
            try body(key, version)
        }
    }

    /// Calls `body` with every stored message whose original a later legacy copy replaced: its id, digest, keys, `replyTo`,
    /// `sentAt` and content, where it still has one.
    public func forEachReplacedOriginal(_ body: (ConversationMessage, MessageRow) throws -> Void) rethrows {
        for key in changes.messages.sorted() {
            guard let slot = messages[key], slot.isReplaced, !slot.isNew else { continue }
            try body(key, slot.row)
        }
    }

    /// Calls `body` with every stored version of which a later legacy copy told something; `content` is `nil` where that is
    /// what is stored, or gone.
    public func forEachReplacedVersion(_ body: (ConversationMessage, VersionRow) throws -> Void) rethrows {
        for (key, ids) in changes.replaced.sorted(by: { $0.key < $1.key }) {
            for version in messages[key]?.versions ?? [] where ids.contains(version.id) { try body(key, version) }
        }
    }

    /// Calls `body` with every stored version that was withdrawn.
    public func forEachWithdrawnVersion(_ body: (ConversationMessage, VersionRow) throws -> Void) rethrows {
        for (key, version) in changes.withdrawn { try body(key, version) }
    }

    /// Calls `body` with every reaction register to write; those of deleted messages are left out.
    public func forEachReaction(_ body: (ReactionKey, ReactionRow) throws -> Void) rethrows {
        for (key, row) in changes.reactions where messages[key.target]?.row.tombstone == nil { try body(key, row) }
    }

    /// Calls `body` with every command that waits after this batch and did not before.
    public func forEachNewWaiting(_ body: (ConversationMessage, WaitingCommand) throws -> Void) rethrows {
        let gone = Set(changes.noLongerWaiting)
        for (target, command) in changes.nowWaiting where !gone.contains(WaitingKey(target: target, ord: command.ord)) {
            try body(target, command)
        }
    }

    /// Calls `body` with every waiting command that was judged; some may never have been stored.
    public func forEachNoLongerWaiting(_ body: (WaitingKey) throws -> Void) rethrows {
        for key in changes.noLongerWaiting { try body(key) }
    }
}
