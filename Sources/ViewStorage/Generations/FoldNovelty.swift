public import Messaging

/// Where a loader knows that nothing is stored, nothing is asked for.
extension ConversationFold {
    /// Takes everything that a batch needs for what has no row yet.
    public mutating func loadAsNew(_ needs: ConversationNeeds) {
        for key in needs.members where !has(key) { load(key, open: nil) }
        for key in staysToLoad(for: needs) { load(key, intervals: []) }
    }
}

extension PersonalFold {
    /// Takes what a batch needs of conversations for what has no row yet.
    public mutating func loadAsNew(_ needs: PersonalNeeds) {
        loadConversations { $0.loadAsNew(needs.conversations) }
        for id in participantsToLoad(for: needs) { load(id, participants: []) }
    }

    /// Takes members' rows of the batch's conversations that are not in the state for such as there are none of.
    public mutating func loadRowsAsNew(_ needs: PersonalNeeds) {
        for key in rowsToLoad(after: needs) { load(key, nil as PersonalRow?) }
    }
}
