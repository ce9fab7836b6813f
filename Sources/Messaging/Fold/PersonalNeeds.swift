/// The rows a batch of both topics needs in the personal view, as far as the records alone tell.
///
/// ``PersonalFold/rowsToLoad(after:)`` names the rest once the conversations are loaded.
public struct PersonalNeeds: Sendable {
    /// What the conversation fold needs; `targets` holds what personal commands name, too.
    public var conversations = ConversationNeeds()
    public var members: Set<MemberID> = []
    public var rows: Set<ConversationMember> = []
    /// Ids of personal commands that may have been judged before, as themselves or as the last read of a row.
    public var judged: Set<MemberCommand> = []
    public var marks: Set<PersonalMessageKey> = []
    /// Conversations whose participants may all be touched: by a send, a joining or a leaving.
    public var touched: Set<ConversationID> = []

    /// Who reads in the batch: a read overrules the flags of legacy copies that it reaches.
    public var readers: Set<ConversationMember> = []

    /// How many conversations each member may join.
    public var arrivals: [MemberID: Int32] = [:]

    public init() {}

    public mutating func add(_ record: Record) {
        guard record.command.isPersonal else { return addConversation(record) }
        members.insert(record.actor)
        judged.insert(MemberCommand(record.actor, record.id))
        switch record.command {
        case .star(let mark), .hide(let mark):
            marks.insert(PersonalMessageKey(record.actor, ConversationMessage(record.conversation, mark.message)))
            return
        case .copyState(let state):
            marks.insert(PersonalMessageKey(record.actor, ConversationMessage(record.conversation, state.message)))
        case .read(let read):
            readers.insert(ConversationMember(record.conversation, record.actor))
            if case .message(let message) = read.upTo { addTarget(record.conversation, message) }
        case .archive(let archive):
            if case .message(let message)? = archive.upTo { addTarget(record.conversation, message) }
        default: break
        }
        rows.insert(ConversationMember(record.conversation, record.actor))
    }

    private mutating func addTarget(_ conversation: ConversationID, _ message: MessageID) {
        conversations.targets.append(ConversationMessage(conversation, message))
    }

    private mutating func addConversation(_ record: Record) {
        conversations.add(record)
        switch record.command {
        case .send(let send):
            touched.insert(record.conversation)
            if let other = send.direct {
                for member in [record.actor, other] { arrivals[member, default: 0] += 1 }
            }
        case .createConversation(let create):
            touched.insert(record.conversation)
            for member in create.participants + [record.actor] { arrivals[member, default: 0] += 1 }
        case .addParticipants(let add):
            touched.insert(record.conversation)
            for member in add.members { arrivals[member, default: 0] += 1 }
        case .stay(let stay):
            touched.insert(record.conversation)
            arrivals[stay.member, default: 0] += 1
        case .removeParticipant: touched.insert(record.conversation)
        default: break
        }
    }
}
