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
        let isBig = conversations.slots[slot].row.isBig
        change(key) { row in
            row.joined = ord
            row.left = nil
            row.isBig = isBig
        }
    }

    private mutating func left(_ key: ConversationMember, ord: Int64, slot: Int) {
        if let index = participants[key.conversation]?.firstIndex(of: key.member) {
            participants[key.conversation]!.remove(at: index)
        }
        let lastSend = conversations.slots[slot].row.lastSend
        change(key) { row in
            row = row.merged(lastSend: lastSend)
            row.left = ord
            row.isBig = false
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
            change(ConversationMember(id, member)) { row in
                row = row.merged(lastSend: lastSend)
                row.isBig = isBig
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
            for member in inside {
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
