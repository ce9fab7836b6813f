/// The personal fold: each member's metadata about conversations and messages (SEMANTICS section B).
///
/// It runs the conversation fold over `conversation-commands` to know who was where when, and its own rules over
/// `member-commands`. The two topics may interleave in any way: what names a message that is not here yet waits for it.
/// Pure, and used like ``ConversationFold``.
public struct PersonalFold: Sendable {
    struct RowSlot: Sendable {
        var row: PersonalRow
        var isStored: Bool
        var isDirty = false
    }

    let cachedRows: Int
    public internal(set) var conversations: ConversationFold
    var members: [MemberID: MemberRow] = [:]
    var rows: [ConversationMember: RowSlot] = [:]
    /// Members in the state who have no row of a conversation they never were in, as far as their loader told.
    var onlyParticipants: Set<MemberID> = []
    var marks: [PersonalMessageKey: PersonalMessageRow] = [:]
    /// Messages whose legacy copies are flagged unread: of readers all, else those of the batch.
    var unreadFlags: [ConversationMember: Set<MessageID>] = [:]
    var judged: Set<MemberCommand> = []
    var waiting: [ConversationMessage: [WaitingPersonal]] = [:]
    /// Members now inside, of conversations whose rows a send touches; loaded for small ones only.
    var participants: [ConversationID: [MemberID]] = [:]
    /// All conversations of members whose mailbox may outgrow its limit in this batch.
    var mailboxes: [MemberID: [ConversationID]] = [:]
    /// Conversations that became big in this batch; their lists go at its end.
    var grown: [ConversationID] = []
    public internal(set) var changes = PersonalChanges()

    /// - Parameter cachedRows: how many members and rows to keep between batches, and two thirds as many rows of
    ///   conversations; above it all are forgotten.
    public init(cachedRows: Int = PersonalFold.defaultCachedRows) {
        self.cachedRows = cachedRows
        conversations = ConversationFold(scope: .personal, cachedRows: cachedRows / 3 * 2)
    }

    /// Judges one record of either topic.
    ///
    /// - Precondition: what ``PersonalNeeds`` and ``rowsToLoad(after:)`` name has been loaded where it exists.
    public mutating func apply(_ logged: LoggedRecord) -> Outcome {
        guard logged.record.command.isPersonal else {
            let outcome = conversations.apply(logged)
            follow()
            return outcome
        }
        return judge(logged)
    }

    private mutating func judge(_ logged: LoggedRecord) -> Outcome {
        let record = logged.record
        let member = record.actor
        let ord = max(logged.appendTime, members[member, default: MemberRow()].lastOrd + 1)
        members[member, default: MemberRow()].lastOrd = ord
        changes.members.insert(member)
        let id = MemberCommand(member, record.id)
        guard !judged.contains(id) else { return .duplicate }
        let key = ConversationMember(record.conversation, member)
        if case .read(let read) = record.command { return self.read(read, id: id, key: key, ord: ord) }
        judged.insert(id)
        changes.judged.append(id)
        switch record.command {
        case .markUnread: change(key) { $0.markedAt = ord }
        case .mute(let mute): change(key) { $0.mute(mute.on, at: record.version ?? ord) }
        case .archive(let archive): return self.archive(archive, id: id, key: key, ord: record.version ?? ord)
        case .star(let star): mark(key, star.message) { $0.star(star.on, at: record.version ?? ord) }
        case .hide(let hide): mark(key, hide.message) { $0.hide(hide.on, at: record.version ?? ord) }
        case .copyState(let state): take(state, key: key, version: record.version ?? ord)
        default: preconditionFailure("not a personal command")
        }
        return .accepted
    }

    /// Rules 19 and 21. Only the id of the last read judged is remembered, so the one before it is forgotten here.
    /// A mark is cleared at once, even when the message it reaches to is not known yet.
    private mutating func read(_ read: Read, id: MemberCommand, key: ConversationMember, ord: Int64) -> Outcome {
        if let forgotten = rows[key]?.row.lastReadID { judged.remove(MemberCommand(key.member, forgotten)) }
        judged.insert(id)
        if case .ord(let upTo) = read.upTo {
            let marker = read.isPrivate ? \PersonalRow.readPrivate : \.readPublic
            change(key) { $0.judgeRead(id.command, at: ord, upTo: upTo, marker) }
            overrule(key)
            return .accepted
        }
        change(key) { $0.judgeRead(id.command, at: ord) }
        let effect: WaitingPersonal.Effect = read.isPrivate ? .readPrivate : .readPublic
        return reach(read.upTo, effect, id: id, key: key, ord: ord)
    }

    /// Rule 24.
    private mutating func archive(
        _ archive: Archive, id: MemberCommand, key: ConversationMember, ord: Int64
    ) -> Outcome {
        guard let upTo = archive.upTo else {
            change(key) { $0.archive(upTo: nil, at: ord) }
            return .accepted
        }
        return reach(upTo, .archive, id: id, key: key, ord: ord)
    }

    /// Applies an effect up to an ord, or up to a message: at once when it is known, else when it arrives.
    private mutating func reach(
        _ upTo: UpTo, _ effect: WaitingPersonal.Effect, id: MemberCommand, key: ConversationMember, ord: Int64
    ) -> Outcome {
        let command = WaitingPersonal(member: key.member, memberOrd: ord, id: id.command, effect: effect)
        switch upTo {
        case .ord(let reached):
            take(command, conversation: key.conversation, upTo: reached)
            return .accepted
        case .message(let message):
            let target = ConversationMessage(key.conversation, message)
            if let known = conversations.messages[target] {
                take(command, conversation: key.conversation, upTo: known.row.ord)
                return .accepted
            }
            guard members[key.member]!.waitingCount < Limits.waitingPerMember else {
                members[key.member]!.droppedCount += 1
                return .orphaned
            }
            members[key.member]!.waitingCount += 1
            waiting[target, default: []].append(command)
            changes.nowWaiting.append((target, command))
            return .orphaned
        }
    }

    /// The effect itself; commands that waited come out of order, so every register compares.
    mutating func take(_ command: WaitingPersonal, conversation: ConversationID, upTo ord: Int64) {
        change(ConversationMember(conversation, command.member)) { row in
            switch command.effect {
            case .readPublic: row.take(ReadReach(memberOrd: command.memberOrd, upTo: ord), \.readPublic)
            case .readPrivate: row.take(ReadReach(memberOrd: command.memberOrd, upTo: ord), \.readPrivate)
            case .archive: row.archive(upTo: ord, at: command.memberOrd)
            }
        }
        if command.effect != .archive { overrule(ConversationMember(conversation, command.member)) }
    }

    /// Changes a row in place and notes it as written.
    ///
    /// - Precondition: the row was loaded, as absent at least: a default in its place would overwrite what is stored.
    mutating func change(_ key: ConversationMember, _ body: (inout PersonalRow) -> Void) {
        guard let index = rows.index(forKey: key) else {
            preconditionFailure("row \(key.conversation) of member \(key.member) changed without being loaded")
        }
        let hasJoined = Self.change(&rows.values[index], key, &changes, body)
        if !hasJoined { onlyParticipants.remove(key.member) }
    }

    /// - Returns: whether the member ever was a participant.
    private static func change(
        _ slot: inout RowSlot, _ key: ConversationMember, _ changes: inout PersonalChanges,
        _ body: (inout PersonalRow) -> Void
    ) -> Bool {
        if !slot.isDirty { changes.note(key, before: slot.isStored ? slot.row : nil) }
        slot.isDirty = true
        body(&slot.row)
        return slot.row.joined != nil
    }

    mutating func mark(
        _ key: ConversationMember, _ message: MessageID, _ body: (inout PersonalMessageRow) -> Void
    ) {
        let mark = PersonalMessageKey(key.member, ConversationMessage(key.conversation, message))
        body(&marks[mark, default: PersonalMessageRow()])
        changes.marks.insert(mark)
    }
}
