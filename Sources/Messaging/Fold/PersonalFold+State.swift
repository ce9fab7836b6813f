/// What a batch changed in the personal view beside what ``ConversationFold`` reports.
public struct PersonalChanges: Sendable {
    var members: Set<MemberID> = []
    var rows: [ChangedRow] = []
    /// What is stored of those that are.
    private var rowsBefore: [PersonalRow] = []
    var marks: Set<PersonalMessageKey> = []
    public internal(set) var judged: [MemberCommand] = []
    var nowWaiting: [(ConversationMessage, WaitingPersonal)] = []
    /// Commands that wait no longer; some may never have been stored.
    public internal(set) var noLongerWaiting: [WaitingPersonal] = []

    init() {}

    /// A row of the batch that changed.
    struct ChangedRow {
        var key: ConversationMember
        /// Where in `rowsBefore`; -1: nothing is stored.
        fileprivate var before: Int
    }

    /// Notes a row that changes for the first time.
    /// - Parameter before: what is stored of it; `nil`: nothing.
    mutating func note(_ key: ConversationMember, before: PersonalRow?) {
        rows.append(ChangedRow(key: key, before: before == nil ? -1 : rowsBefore.count))
        if let before { rowsBefore.append(before) }
    }

    /// What is stored of a row that changed.
    func before(_ changed: ChangedRow) -> PersonalRow? { changed.before < 0 ? nil : rowsBefore[changed.before] }
}

/// Loading, reading out, caching and forgetting.
extension PersonalFold {
    /// Rows to keep between batches unless told otherwise, members and their rows together.
    public static let defaultCachedRows = 600_000

    /// Conversations of the batch whose list of participants must be loaded now: those that are small, or may become so.
    ///
    /// - Precondition: the conversations of `needs` are loaded.
    public func participantsToLoad(for needs: PersonalNeeds) -> [ConversationID] {
        needs.touched.filter { id in
            guard participants[id] == nil else { return false }
            guard let row = conversations.row(of: id), row.isBig else { return true }
            let departures = needs.conversations.departures[id, default: 0]
            return row.participantCount - departures < Limits.smallBelow
        }
    }

    /// Members the batch touches that are not in the state yet.
    ///
    /// - Precondition: conversations and lists of participants are loaded.
    public func membersToLoad(for needs: PersonalNeeds) -> [MemberID] {
        var missing = needs.members.filter { members[$0] == nil }
        for key in needs.conversations.members where members[key.member] == nil { missing.insert(key.member) }
        for id in needs.touched {
            for member in participants[id] ?? [] where members[member] == nil { missing.insert(member) }
        }
        for commands in waiting.values {
            for command in commands where members[command.member] == nil { missing.insert(command.member) }
        }
        return missing.sorted()
    }

    /// Members whose mailbox may outgrow its limit in this batch: all their rows, and the conversations of these, must
    /// be loaded.
    ///
    /// - Precondition: members are loaded.
    public func mailboxesToLoad(for needs: PersonalNeeds) -> [MemberID] {
        needs.arrivals.keys.filter { member in
            guard let row = members[member], !row.isIndexed else { return false }
            return row.conversationCount + needs.arrivals[member]! > Limits.unindexedConversations
        }.sorted()
    }

    /// Rows the batch touches that are not in the state yet. Those that cannot be there, because the conversation is new and
    /// the member has none of a conversation without being in it, are in the state as absent from then on.
    ///
    /// - Precondition: conversations, lists of participants and members are loaded.
    public mutating func rowsToLoad(after needs: PersonalNeeds) -> [ConversationMember] {
        var keys = needs.rows.filter { rows[$0] == nil }
        for key in needs.conversations.members where needs.touched.contains(key.conversation) && rows[key] == nil {
            if conversations.row(of: key.conversation) == nil, onlyParticipants.contains(key.member) {
                load(key, nil as PersonalRow?)
                if !keys.isEmpty { keys.remove(key) }
            } else {
                keys.insert(key)
            }
        }
        for id in needs.touched {
            let all = mayResize(id, needs)
            for member in participants[id] ?? [] where all || members[member]?.isIndexed ?? false {
                let key = ConversationMember(id, member)
                if rows[key] == nil { keys.insert(key) }
            }
        }
        for (target, commands) in waiting {
            for command in commands {
                let key = ConversationMember(target.conversation, command.member)
                if rows[key] == nil { keys.insert(key) }
            }
        }
        for (id, members) in conversations.departed {
            for member in members {
                let key = ConversationMember(id, member)
                if rows[key] == nil { keys.insert(key) }
            }
        }
        return Array(keys)
    }

    /// Whether the conversation may become big or small in this batch, which changes every member's row.
    private func mayResize(_ id: ConversationID, _ needs: PersonalNeeds) -> Bool {
        let row = conversations.row(of: id) ?? ConversationRow()
        if row.isBig {
            return row.participantCount - needs.conversations.departures[id, default: 0] < Limits.smallBelow
        }
        return Int(row.participantCount) + needs.conversations.arrivals[id, default: 0] > Limits.bigAbove
    }

    /// Whether the row is in the state, absent or present.
    public func has(_ key: ConversationMember) -> Bool { rows[key] != nil }

    /// Gives the conversation fold to a loader.
    public mutating func loadConversations(_ body: (inout ConversationFold) throws -> Void) rethrows {
        try body(&conversations)
    }

    /// - Parameters:
    ///   - row: `nil` when the store has none.
    ///   - isOnlyParticipant: whether the member is known to have no row of a conversation without ever being in it.
    public mutating func load(_ member: MemberID, _ row: MemberRow?, isOnlyParticipant: Bool = false) {
        members[member] = row ?? MemberRow()
        if isOnlyParticipant { onlyParticipants.insert(member) } else { onlyParticipants.remove(member) }
    }

    /// - Parameter row: `nil` when the store has none.
    public mutating func load(_ key: ConversationMember, _ row: PersonalRow?) {
        rows[key] = RowSlot(row: row ?? PersonalRow(), isStored: row != nil)
    }

    public mutating func load(_ key: PersonalMessageKey, _ row: PersonalMessageRow) {
        marks[key] = row
        guard row.readFlag == false else { return }
        unreadFlags[ConversationMember(key.target.conversation, key.member), default: []].insert(key.target.message)
    }

    /// - Parameter id: judged before, remembered by a row in `judged` or as the last read of a row.
    public mutating func load(judged id: MemberCommand) { judged.insert(id) }

    public mutating func load(_ target: ConversationMessage, waiting command: WaitingPersonal) {
        waiting[target, default: []].append(command)
    }

    /// - Parameter members: all who are inside now.
    public mutating func load(_ conversation: ConversationID, participants members: [MemberID]) {
        participants[conversation] = members
    }

    /// - Parameter mailbox: every conversation the member ever joined; their rows are loaded, too.
    public mutating func load(_ member: MemberID, mailbox: [ConversationID]) { mailboxes[member] = mailbox }

    public func forEachMember(_ body: (MemberID, MemberRow) throws -> Void) rethrows {
        for member in changes.members.sorted() { try body(member, members[member]!) }
    }

    /// Calls `body` with every row to write, by member and conversation, and with what is stored of it.
    public func forEachRow(
        _ body: (ConversationMember, PersonalRow, _ stored: PersonalRow?) throws -> Void
    ) rethrows {
        let inOrder = changes.rows.sorted {
            ($0.key.member, $0.key.conversation) < ($1.key.member, $1.key.conversation)
        }
        for changed in inOrder { try body(changed.key, rows[changed.key]!.row, changes.before(changed)) }
    }

    public func forEachMark(_ body: (PersonalMessageKey, PersonalMessageRow) throws -> Void) rethrows {
        for key in changes.marks { try body(key, marks[key]!) }
    }

    public func forEachNewWaiting(_ body: (ConversationMessage, WaitingPersonal) throws -> Void) rethrows {
        /// A read whose id was forgotten may wait twice, and commands of one microsecond side by side.
        struct Key: Hashable {
            var command: MemberCommand
            var ord: Int64

            init(_ waiting: WaitingPersonal) {
                (command, ord) = (MemberCommand(waiting.member, waiting.id), waiting.memberOrd)
            }
        }
        let gone = Set(changes.noLongerWaiting.map(Key.init))
        for (target, command) in changes.nowWaiting where !gone.contains(Key(command)) { try body(target, command) }
    }

    /// Keeps members, rows and lists of participants as a write-through cache. Call once the store has taken all changes,
    /// and ``reset()`` where they are not committed after all.
    public mutating func endBatch() {
        conversations.endBatch()
        for changed in changes.rows {
            guard let index = rows.index(forKey: changed.key) else { continue }
            rows.values[index].isDirty = false
            rows.values[index].isStored = true
        }
        changes = PersonalChanges()
        for id in grown { participants[id] = nil }
        grown.removeAll()
        mailboxes.removeAll()
        marks.removeAll(keepingCapacity: true)
        unreadFlags.removeAll(keepingCapacity: true)
        judged.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        if rows.count + members.count > cachedRows || conversations.slots.isEmpty { reset() }
    }

    /// Forgets everything: after a transaction that did not commit, or when another process may have written.
    public mutating func reset() { self = PersonalFold(cachedRows: cachedRows) }
}
