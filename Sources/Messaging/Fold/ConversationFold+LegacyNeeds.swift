/// What legacy records need beside what ``ConversationNeeds`` names; nothing where there are none.
///
/// A store asks once conversations and memberships are loaded: first ``staysToLoad(for:)`` and ``lateSends(for:)``, then
/// ``sendsToLoad(for:)``.
extension ConversationFold {
    /// A question about ords of messages.
    public struct SendsQuestion: Hashable, Sendable {
        public var conversation: ConversationID
        /// Wanted is the greatest ord below this one.
        public var below: Int64
        /// Wanted are all from there on, too.
        public var isOpen: Bool
    }

    /// Members all of whose intervals must be loaded (``load(_:intervals:)``, an empty list where there are none): those of
    /// whom something new is stated; those who join or leave while an interval's end is ahead of the log's clock; and those who
    /// leave while a legacy message is.
    public func staysToLoad(for needs: ConversationNeeds) -> [ConversationMember] {
        var keys: Set<ConversationMember> = []
        for (key, stays) in needs.stays where memberships[key]?.all == nil {
            if !stays.allSatisfy({ isKnown($0, key) }) { keys.insert(key) }
        }
        for movers in [needs.joiners, needs.leavers] {
            for key in movers where memberships[key]?.all == nil {
                if let row = row(of: key.conversation), row.lastLeft > row.lastOrd { keys.insert(key) }
            }
        }
        guard scope == .personal else { return keys.sorted() }
        for key in needs.leavers where memberships[key]?.all == nil && isAhead(key.conversation, needs) {
            keys.insert(key)
        }
        return keys.sorted()
    }

    /// Conversations with messages from before somebody left: all intervals of those who left after that ord must be loaded.
    public func lateSends(for needs: ConversationNeeds) -> [(conversation: ConversationID, since: Int64)] {
        guard scope == .personal else { return [] }
        var first: [ConversationID: Int64] = [:]
        for target in needs.sent where first[target.conversation] == nil {
            guard let row = row(of: target.conversation), row.lastLeft > 0 else { continue }
            let ord = min(needs.legacySends[target.conversation]?.lowerBound ?? .max, row.lastOrd + 1)
            if ord < row.lastLeft { first[target.conversation] = ord }
        }
        return first.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Ords of stored messages that decide what members who left have seen; to be loaded by ``load(_:send:)``.
    public func sendsToLoad(for needs: ConversationNeeds) -> [SendsQuestion] {
        guard scope == .personal else { return [] }
        var questions: Set<SendsQuestion> = []
        for (key, stays) in needs.stays {
            guard let all = memberships[key]?.all else { continue }
            var bounds = all.map(\.joined) + all.compactMap(\.left)
            for stay in stays { bounds += [stay.joined] + (stay.left.map { [$0] } ?? []) }
            for bound in bounds {
                questions.insert(SendsQuestion(conversation: key.conversation, below: bound, isOpen: false))
            }
        }
        for key in needs.leavers where memberships[key]?.all != nil {
            for bound in memberships[key]?.all?.compactMap(\.left) ?? [] {
                questions.insert(SendsQuestion(conversation: key.conversation, below: bound, isOpen: false))
            }
            let next = (row(of: key.conversation)?.lastOrd ?? 0) + 1
            questions.insert(SendsQuestion(conversation: key.conversation, below: next, isOpen: true))
        }
        return questions.sorted { ($0.conversation, $0.below) < ($1.conversation, $1.below) }
    }

    /// Whether a message may have a greater ord than the next record, because a legacy store's clock is ahead.
    private func isAhead(_ conversation: ConversationID, _ needs: ConversationNeeds) -> Bool {
        let row = row(of: conversation) ?? ConversationRow()
        return max(row.lastSend, needs.legacySends[conversation]?.upperBound ?? 0) > row.lastOrd
    }
}
