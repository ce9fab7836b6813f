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
        change(key) { row in
            row.joined = ord
            row.left = nil
            row.placement = placement
        }
        guard isFirst else { return }
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
        let placement: PersonalRow.Placement = members[key.member]?.isIndexed ?? false ? .indexed : .unindexed
        change(key) { row in
            row = row.merged(lastSend: lastSend)
            row.left = ord
            row.placement = placement
        }
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

    private mutating func sent(_ key: ConversationMessage, ord: Int64, sender: MemberID, slot: Int) {
        change(ConversationMember(key.conversation, sender)) { $0.ownLast = max($0.ownLast, ord) }
        if !conversations.slots[slot].row.isBig {
            guard let inside = participants[key.conversation] else {
                preconditionFailure("a message was sent to a small conversation without its participants loaded")
            }
            for member in inside where members[member]?.isIndexed ?? false {
                change(ConversationMember(key.conversation, member)) { $0.lastSeenSend = max($0.lastSeenSend, ord) }
            }
        }
        guard let commands = waiting.removeValue(forKey: key) else { return }
        for command in commands {
            members[command.member, default: MemberRow()].waitingCount -= 1
            changes.members.insert(command.member)
            changes.noLongerWaiting.append((command.member, command.memberOrd))
            take(command, conversation: key.conversation, upTo: ord)
        }
    }
}
