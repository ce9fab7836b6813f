/// What happens to members' rows when something happens in a conversation.
extension PersonalFold {
    /// Takes what the conversation fold reported of the record just applied.
    mutating func follow() {
        guard !conversations.changes.events.isEmpty else { return }
        let events = conversations.changes.events
        conversations.changes.events.removeAll(keepingCapacity: true)
        for event in events {
            switch event {
            case .joined(let key, let ord, let slot): joined(key, ord: ord, slot: slot)
            case .left(let key, let ord, let slot): left(key, ord: ord, slot: slot)
            case .stayed(let key, let slot): stayed(key, slot: slot)
            case .resized(let slot): resized(slot)
            case .sent(let key, let ord, let sender, let slot): sent(key, ord: ord, sender: sender, slot: slot)
            case .deleted: break
            }
        }
    }

    private mutating func joined(_ key: ConversationMember, ord: Int64, slot: Int) {
        participants[key.conversation]?.append(key.member)
        let isFirst = rows[key]?.row.joined == nil
        let placement = placement(of: key.member, slot)
        let lastSend = conversations.slots[slot].row.lastSend
        change(key) { row in
            row.joined = ord
            row.left = nil
            row.placement = placement
            // Only a legacy message can be ahead of a joining.
            if placement == .indexed { row = row.merged(lastSend: lastSend) }
        }
        if isFirst { addToMailbox(key) }
    }

    /// A member's first stay in a conversation.
    private mutating func addToMailbox(_ key: ConversationMember) {
        members[key.member, default: MemberRow()].conversationCount += 1
        changes.members.insert(key.member)
        mailboxes[key.member]?.append(key.conversation)
        if !members[key.member]!.isIndexed, members[key.member]!.conversationCount > Limits.unindexedConversations {
            index(key.member)
        }
    }

    private func placement(of member: MemberID, _ slot: Int) -> PersonalRow.Placement {
        if conversations.slots[slot].row.isBig { return .big }
        return members[member]?.isIndexed ?? false ? .indexed : .unindexed
    }

    /// The mailbox has grown: from now on messages are fanned out to its rows.
    private mutating func index(_ member: MemberID) {
        guard let mailbox = mailboxes[member] else {
            preconditionFailure("the mailbox of \(member) outgrew its limit without being loaded")
        }
        members[member]!.isIndexed = true
        for conversation in mailbox {
            let lastSend = conversations.row(of: conversation)?.lastSend ?? 0
            change(ConversationMember(conversation, member)) { row in
                guard row.placement == .unindexed else { return }
                row = row.merged(lastSend: lastSend)
                row.placement = .indexed
            }
        }
    }

    private mutating func left(_ key: ConversationMember, ord: Int64, slot: Int) {
        if let index = participants[key.conversation]?.firstIndex(of: key.member) {
            participants[key.conversation]!.remove(at: index)
        }
        let lastSend = conversations.slots[slot].row.lastSend
        let seen = lastSend < ord ? nil : lastSeen(key, slot)
        let intervals = conversations.memberships[key]?.latest ?? []
        let placement: PersonalRow.Placement = members[key.member]?.isIndexed ?? false ? .indexed : .unindexed
        change(key) { row in
            if let seen { row.lastSeenSend = seen } else { row = row.merged(lastSend: lastSend) }
            row.take(intervals)
            row.placement = placement
        }
    }

    /// A legacy record changed the member's intervals: the row follows from all of them.
    private mutating func stayed(_ key: ConversationMember, slot: Int) {
        guard let all = conversations.memberships[key]?.all else {
            preconditionFailure("intervals of \(key.member) in \(key.conversation) changed without being loaded")
        }
        let isInside = all.contains { $0.left == nil }
        participants[key.conversation]?.removeAll { $0 == key.member }
        if isInside { participants[key.conversation]?.append(key.member) }
        let isFirst = rows[key]?.row.joined == nil
        let seen = lastSeen(key, slot)
        let isIndexed = members[key.member]?.isIndexed ?? false
        let placement = isInside ? placement(of: key.member, slot) : isIndexed ? .indexed : .unindexed
        change(key) { row in
            row.take(all)
            row.lastSeenSend = seen
            row.placement = placement
        }
        if isFirst { addToMailbox(key) }
    }

    /// The greatest ord of a message in any of a member's intervals, which are all loaded; 0 without one.
    private func lastSeen(_ key: ConversationMember, _ slot: Int) -> Int64 {
        guard let all = conversations.memberships[key]?.all else {
            preconditionFailure(
                "\(key.member) left \(key.conversation) behind a message that is ahead, intervals not loaded")
        }
        var seen: Int64 = 0
        for interval in all {
            let last =
                if let left = interval.left { conversations.lastSend(in: slot, below: left) ?? 0 } else {
                    conversations.slots[slot].row.lastSend
                }
            if last >= interval.joined { seen = max(seen, last) }
        }
        return seen
    }

    /// Rule 28: rows move between the mailbox index and the list that is merged at read time.
    private mutating func resized(_ slot: Int) {
        let id = conversations.slots[slot].id
        let (isBig, lastSend) = (conversations.slots[slot].row.isBig, conversations.slots[slot].row.lastSend)
        guard let inside = participants[id] else {
            preconditionFailure("a conversation changed size without its participants loaded")
        }
        for member in inside {
            let placement = placement(of: member, slot)
            change(ConversationMember(id, member)) { row in
                row = row.merged(lastSend: lastSend)
                row.placement = placement
            }
        }
        if isBig { grown.append(id) }
    }

    /// A message that somebody who left since was there for.
    private mutating func see(_ ord: Int64, _ key: ConversationMember) {
        guard let membership = conversations.memberships[key] else { return }
        let wasInside = (membership.all ?? membership.ended).contains { $0.joined <= ord && ord < $0.left ?? 0 }
        if wasInside { change(key) { $0.lastSeenSend = max($0.lastSeenSend, ord) } }
    }

    private mutating func sent(_ key: ConversationMessage, ord: Int64, sender: MemberID, slot: Int) {
        change(ConversationMember(key.conversation, sender)) { $0.ownLast = max($0.ownLast, ord) }
        if !conversations.slots[slot].row.isBig {
            guard let inside = participants[key.conversation] else {
                preconditionFailure("a message was sent to a small conversation without its participants loaded")
            }
            for member in inside where members[member]?.isIndexed ?? false {
                change(ConversationMember(key.conversation, member)) { row in
                    // A legacy message may be from before a member joined.
                    if ord >= row.joined ?? 0 { row.lastSeenSend = max(row.lastSeenSend, ord) }
                }
            }
        }
        for member in conversations.departed[key.conversation] ?? [] {
            see(ord, ConversationMember(key.conversation, member))
        }
        guard let commands = waiting.removeValue(forKey: key) else { return }
        for command in commands {
            members[command.member, default: MemberRow()].waitingCount -= 1
            changes.members.insert(command.member)
            changes.noLongerWaiting.append(command)
            take(command, conversation: key.conversation, upTo: ord)
        }
    }
}

extension PersonalRow {
    /// Since when the member is inside; of who is not, the latest joining and leaving.
    fileprivate mutating func take(_ intervals: [MembershipInterval]) {
        if let open = intervals.first(where: { $0.left == nil }) {
            (joined, left) = (open.joined, nil)
        } else {
            joined = intervals.lazy.map(\.joined).max()
            left = intervals.lazy.compactMap(\.left).max()
        }
    }
}
