/// Loading, caching and forgetting.
extension ConversationFold {
    /// Rows to keep between batches unless told otherwise, conversations and memberships together.
    public static let defaultCachedRows = 400_000

    /// Whether the conversation is in the state, so that it need not be loaded.
    public func has(_ conversation: ConversationID) -> Bool { slotOf[conversation] != nil }

    /// Whether the membership is in the state, absent or present.
    public func has(_ member: ConversationMember) -> Bool { memberships[member] != nil }

    /// Whether all intervals of the member are in the state.
    public func hasIntervals(_ member: ConversationMember) -> Bool { memberships[member]?.all != nil }

    /// The row in the state; `nil` when the conversation is not there.
    public func row(of conversation: ConversationID) -> ConversationRow? {
        slotOf[conversation].map { slots[$0].row }
    }

    /// - Parameter row: `nil` when the store has none.
    public mutating func load(_ conversation: ConversationID, _ row: ConversationRow?) {
        guard let row else { return }
        let index = slotIndex(of: conversation)
        slots[index].row = row
        slots[index].stored = row
    }

    /// - Parameter open: the member's interval without an end; `nil` when there is none.
    public mutating func load(_ member: ConversationMember, open: MembershipInterval?) {
        memberships[member] = Membership(open: open, storedJoined: open?.joined)
    }

    /// - Parameter intervals: all of the member's, oldest first.
    public mutating func load(_ member: ConversationMember, intervals: [MembershipInterval]) {
        withTimelines.append(member)
        if memberships[member] == nil { load(member, open: intervals.first { $0.left == nil }) }
        memberships[member]!.stored = intervals
        memberships[member]!.all = intervals
        if scope == .personal, intervals.contains(where: { $0.left != nil }) {
            departed[member.conversation, default: []].insert(member.member)
        }
    }

    /// - Parameter ord: of a stored message.
    public mutating func load(_ conversation: ConversationID, send ord: Int64) {
        knownSends[conversation, default: []].append(ord)
    }

    public mutating func load(_ key: ConversationMessage, _ row: MessageRow) {
        messages[key] = MessageSlot(row: row, isNew: false, isDirty: false, versions: nil)
    }

    /// - Parameter versions: all that edits made of a loaded message, withdrawn ones too.
    public mutating func load(_ key: ConversationMessage, versions: [VersionRow]) {
        messages[key]?.versions = versions
    }

    public mutating func load(_ key: ReactionKey, _ row: ReactionRow) {
        reactions[key.target, default: [:]][key] = row
    }

    public mutating func load(judged key: ConversationCommand) { judged.insert(key) }

    public mutating func load(_ target: ConversationMessage, waiting command: WaitingCommand) {
        waiting[target, default: []].append(command)
    }

    /// Keeps conversations and memberships, drops everything else. Call once the store has taken all changes, and
    /// ``reset()`` where they are not committed after all.
    public mutating func endBatch() {
        for key in changes.members {
            memberships[key]!.ended.removeAll()
            memberships[key]!.storedJoined = memberships[key]!.open?.joined
            memberships[key]!.isDirty = false
        }
        for key in withTimelines {
            memberships[key]?.stored = nil
            memberships[key]?.all = nil
        }
        withTimelines.removeAll(keepingCapacity: true)
        departed.removeAll(keepingCapacity: true)
        knownSends.removeAll(keepingCapacity: true)
        for index in changes.conversationSlots {
            slots[index].isDirty = false
            slots[index].stored = slots[index].row
            slots[index].sends.removeAll(keepingCapacity: false)
        }
        changes = ConversationChanges()
        messages.removeAll(keepingCapacity: true)
        reactions.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        judged.removeAll(keepingCapacity: true)
        if slots.count + memberships.count > cachedRows { reset() }
    }

    /// Forgets everything: after a transaction that did not commit, or when another process may have written.
    public mutating func reset() { self = ConversationFold(scope: scope, cachedRows: cachedRows) }
}
