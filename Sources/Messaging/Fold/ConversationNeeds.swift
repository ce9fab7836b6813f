/// The rows a batch of records needs before it can be folded. A store answers with one query per table.
///
/// Everything named here must be put into the fold's state when it exists; what is not put there counts as absent.
public struct ConversationNeeds: Sendable {
    public var conversations: Set<ConversationID> = []
    /// Members whose current membership is looked up; like the other arrays unsorted and with repetitions.
    public var members: [ConversationMember] = []
    /// Messages that commands name, but for those that native commands send.
    public var targets: [ConversationMessage] = []
    /// Messages of which all versions are needed, because one is withdrawn.
    public var versions: Set<ConversationMessage> = []
    /// Messages of which all reactions are needed.
    public var reactions: Set<ConversationMessage> = []
    /// Command ids that may have been judged before.
    public var judged: [ConversationCommand] = []
    /// Messages that are sent, for which commands may wait. Mostly none is stored: their ids are random.
    public var sent: [ConversationMessage] = []
    /// Upper bound of participants that leave, per conversation: tells whether a big one may become small.
    public var departures: [ConversationID: Int32] = [:]

    /// Upper bound of participants that join, per conversation: tells whether a small one may become big.
    public var arrivals: [ConversationID: Int] = [:]

    /// What legacy records state of memberships.
    public var stays: [ConversationMember: [Stay]] = [:]
    /// Who joins.
    public var joiners: [ConversationMember] = []
    /// Who is removed or leaves.
    public var leavers: [ConversationMember] = []
    /// Ords of legacy messages, the least and the greatest of each conversation.
    public var legacySends: [ConversationID: ClosedRange<Int64>] = [:]

    public init() {}

    /// All messages that are named.
    public var messages: [ConversationMessage] { targets + sent }

    /// - Parameter records: of `conversation-commands`.
    public init(_ records: some Sequence<LoggedRecord>) {
        for logged in records { add(logged.record) }
    }

    public mutating func add(_ record: Record) {
        let conversation = record.conversation
        conversations.insert(conversation)
        members.append(ConversationMember(conversation, record.actor))
        judged.append(ConversationCommand(conversation, record.id))
        switch record.command {
        case .createConversation(let create):
            for member in create.participants { add(joiner: ConversationMember(conversation, member)) }
            joiners.append(ConversationMember(conversation, record.actor))
            arrivals[conversation, default: 0] += create.participants.count + 1
        case .send(let send):
            let target = ConversationMessage(conversation, send.message)
            sent.append(target)
            if let other = send.direct {
                joiners.append(ConversationMember(conversation, record.actor))
                add(joiner: ConversationMember(conversation, other))
            }
            // Every participant's copy sends it.
            if record.origin == .legacy { targets.append(target) }
            if let ord = send.legacyOrd { add(legacySend: ord, conversation) }
        case .edit(let edit):
            let target = ConversationMessage(conversation, edit.message)
            targets.append(target)
            if record.origin == .legacy { versions.insert(target) }
        case .delete(let delete):
            let target = ConversationMessage(conversation, delete.message)
            targets.append(target)
            if delete.version != nil { versions.insert(target) }
        case .react(let react):
            let target = ConversationMessage(conversation, react.message)
            targets.append(target)
            reactions.insert(target)
        case .addParticipants(let add):
            for member in add.members { self.add(joiner: ConversationMember(conversation, member)) }
            arrivals[conversation, default: 0] += add.members.count
        case .removeParticipant(let remove):
            let leaver = ConversationMember(conversation, remove.member)
            members.append(leaver)
            leavers.append(leaver)
            departures[conversation, default: 0] += 1
        case .stay(let stay):
            let key = ConversationMember(conversation, stay.member)
            members.append(key)
            stays[key, default: []].append(stay)
            arrivals[conversation, default: 0] += 1
            // One without an end may end one that began before.
            departures[conversation, default: 0] += 1
        case .setModerator(let set):
            members.append(ConversationMember(conversation, set.member))
        case .rename, .close, .read, .markUnread, .star, .hide, .archive, .mute, .copyState:
            break
        }
    }

    private mutating func add(joiner key: ConversationMember) {
        members.append(key)
        joiners.append(key)
    }

    private mutating func add(legacySend ord: Int64, _ conversation: ConversationID) {
        let known = legacySends[conversation] ?? ord...ord
        legacySends[conversation] = min(known.lowerBound, ord)...max(known.upperBound, ord)
    }
}
