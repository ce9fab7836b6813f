/// The conversation fold: judges commands against the state of their conversations (SEMANTICS section A).
///
/// Pure: no I/O, no clock, no randomness. Both views run it over the same records, so they agree without talking. Use:
///
/// 1. `needs` says which rows a batch wants; the store puts them into the state with `load…`;
/// 2. `apply` judges each record in the order of its partition and notes what changed;
/// 3. the store writes `changes` in one transaction; once it has taken them, `endBatch()` keeps conversations and
///    memberships as a write-through cache and drops the rest. Where the transaction fails, `reset()` forgets everything.
public struct ConversationFold: Sendable {
    /// Which view the fold works for: the personal one remembers judged ids, but neither versions, reactions nor titles.
    public enum Scope: Sendable {
        case shared
        case personal
    }

    /// A conversation in the state, with what the batch did to it.
    struct Slot: Sendable {
        var id: ConversationID
        var row = ConversationRow()
        /// What is stored; `nil` when nothing is.
        var stored: ConversationRow?
        var isDirty = false
        /// Ords of the messages accepted in this batch; for the personal view.
        var sends: [Int64] = []
    }

    /// The open interval of a member, and what the batch changed of the member's intervals.
    struct Membership: Sendable {
        var open: MembershipInterval?
        /// When the interval began that is stored without an end; `nil` when none is.
        var storedJoined: Int64?
        /// Intervals to write beside the open one, each once.
        var ended: [MembershipInterval] = []
        var isDirty = false
        /// All intervals, oldest first, as stored and as they are now: loaded only where a legacy record needs them.
        var stored: [MembershipInterval]?
        var all: [MembershipInterval]?
    }

    /// A message in the state.
    struct MessageSlot: Sendable {
        var row: MessageRow
        var isNew: Bool
        var isDirty: Bool
        /// The original was replaced by a later copy's, which is to be written.
        var isReplaced = false
        /// The edits' versions, oldest first; `nil` when not loaded and not needed.
        var versions: [VersionRow]?
    }

    public let scope: Scope
    let cachedRows: Int
    var slots: ContiguousArray<Slot> = []
    var slotOf: [ConversationID: Int] = [:]
    var memberships: [ConversationMember: Membership] = [:]
    var messages: [ConversationMessage: MessageSlot] = [:]
    var reactions: [ConversationMessage: [ReactionKey: ReactionRow]] = [:]
    var waiting: [ConversationMessage: [WaitingCommand]] = [:]
    var judged: Set<ConversationCommand> = []
    /// Members with a loaded or new ended interval, where a legacy message may lie in one.
    var departed: [ConversationID: Set<MemberID>] = [:]
    /// Members whose intervals are all loaded.
    var withTimelines: [ConversationMember] = []
    /// Ords of stored messages, as far as somebody's leaving needs them.
    var knownSends: [ConversationID: [Int64]] = [:]
    /// What the current batch changed.
    public internal(set) var changes = ConversationChanges()

    /// - Parameter cachedRows: how many conversations and memberships to keep between batches; above it all are forgotten.
    public init(scope: Scope, cachedRows: Int = ConversationFold.defaultCachedRows) {
        self.scope = scope
        self.cachedRows = cachedRows
    }

    /// Judges one record: gives it its ord, remembers its id, and changes the state as far as it is accepted.
    ///
    /// - Precondition: every row that ``ConversationNeeds`` names for the record has been loaded if it exists, and
    ///   records of one conversation come in the order of their offsets.
    /// - Complexity: O(members named + commands that waited for the message).
    public mutating func apply(_ logged: LoggedRecord) -> Outcome {
        let record = logged.record
        let slot = slotIndex(of: record.conversation)
        let ord = max(logged.appendTime, slots[slot].row.lastOrd + 1)
        slots[slot].row.lastOrd = ord
        markDirty(slot)
        let key = ConversationCommand(record.conversation, record.id)
        guard judged.insert(key).inserted else {
            // The copies of a legacy message share a command and differ in their source versions.
            if record.origin == .legacy { mergeCopy(logged, ord: ord) }
            return .duplicate
        }
        changes.judged.append(key)
        if record.origin == .legacy { assumeGroup(slot) }
        let outcome = judge(logged, ord: ord, slot: slot)
        if case .rejected(let reason) = outcome {
            if case .send(let send) = record.command {
                let isKnown = messages[ConversationMessage(record.conversation, send.message)] != nil
                changes.hasRejectedNewMessages = changes.hasRejectedNewMessages || !isKnown
            }
            reject(logged, ord: ord, reason)
        }
        return outcome
    }

    private mutating func judge(_ logged: LoggedRecord, ord: Int64, slot: Int) -> Outcome {
        let record = logged.record
        switch record.command {
        case .createConversation(let create): return self.create(create, record, ord: ord, slot: slot)
        case .send(let send): return self.send(send, logged, ord: ord, slot: slot)
        case .edit(let edit):
            if edit.content.bytes.count > Limits.contentBytes + Limits.sealingAllowance { return .rejected(.tooLarge) }
            return target(edit.message, logged, ord: ord, slot: slot)
        case .delete(let delete): return target(delete.message, logged, ord: ord, slot: slot)
        case .react(let react): return target(react.message, logged, ord: ord, slot: slot)
        case .addParticipants(let add): return self.add(add, record, ord: ord, slot: slot)
        case .removeParticipant(let remove): return self.remove(remove, record, ord: ord, slot: slot)
        case .setModerator(let set): return setModerator(set, record, slot: slot)
        case .rename(let rename): return self.rename(rename, record, ord: ord, slot: slot)
        case .close(let close): return self.close(close, record, slot: slot)
        case .stay(let stay): return self.stay(stay, conversation: record.conversation, slot: slot)
        case .read, .markUnread, .star, .hide, .archive, .mute, .copyState:
            preconditionFailure("a personal command reached the conversation fold; the projector routes by topic")
        }
    }

    mutating func reject(_ logged: LoggedRecord, ord: Int64, _ reason: RejectionReason) {
        guard scope == .shared else { return }
        changes.rejections.append(
            Rejection(
                conversation: logged.record.conversation, command: logged.record.id, actor: logged.record.actor,
                name: logged.record.command.name, partition: logged.partition, offset: logged.offset, ord: ord,
                reason: reason))
    }

    // MARK: - State

    mutating func slotIndex(of conversation: ConversationID) -> Int {
        if let index = slotOf[conversation] { return index }
        let index = slots.count
        slots.append(Slot(id: conversation))
        slotOf[conversation] = index
        return index
    }

    mutating func markDirty(_ slot: Int) {
        guard !slots[slot].isDirty else { return }
        slots[slot].isDirty = true
        changes.conversationSlots.append(slot)
    }

    func membership(_ conversation: ConversationID, _ member: MemberID) -> MembershipInterval? {
        memberships[ConversationMember(conversation, member)]?.open
    }

    func isParticipant(_ conversation: ConversationID, _ member: MemberID) -> Bool {
        membership(conversation, member) != nil
    }

    func isModerator(_ conversation: ConversationID, _ member: MemberID) -> Bool {
        membership(conversation, member)?.isModerator ?? false
    }
}
