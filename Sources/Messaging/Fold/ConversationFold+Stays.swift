/// Memberships as a legacy system states them (``Stay``), in its own time.
///
/// All that was ever stated of a member makes one set of intervals, whatever the order in which it comes: each began when it
/// was stated to, and ended at the earliest of its stated endings and the next beginning.
extension ConversationFold {
    mutating func stay(_ stay: Stay, conversation: ConversationID, slot: Int) -> Outcome {
        let key = ConversationMember(conversation, stay.member)
        guard !isKnown(stay, key) else { return .accepted }
        guard let old = memberships[key]?.all else {
            preconditionFailure("a stay of \(stay.member) in \(conversation) was judged without its intervals loaded")
        }
        // What says nothing new changes nothing, whether its interval was loaded or is of this batch.
        if old.contains(where: { $0.joined == stay.joined && $0.left ?? .max <= stay.left ?? .max }) {
            return .accepted
        }
        if stay.left == nil, old.contains(where: { $0.joined == stay.joined }) { return .accepted }
        var intervals = old
        intervals.state(stay, isFounder: slots[slot].row.founder == stay.member)
        guard intervals != old else { return .accepted }
        let wasInside = memberships[key]!.open != nil
        memberships[key]!.take(intervals, insteadOf: old)
        touch(key)
        for interval in intervals { if let left = interval.left { noteLeaving(key, at: left, slot: slot) } }
        count(from: wasInside, to: memberships[key]!.open != nil, key, slot: slot)
        return .accepted
    }

    /// Whether a stay without an end names an interval that is there, so that it says nothing new.
    func isKnown(_ stay: Stay, _ key: ConversationMember) -> Bool {
        guard stay.left == nil, let membership = memberships[key] else { return false }
        return membership.open?.joined == stay.joined || membership.ended.contains { $0.joined == stay.joined }
    }

    private mutating func count(from wasInside: Bool, to isInside: Bool, _ key: ConversationMember, slot: Int) {
        if isInside != wasInside { slots[slot].row.participantCount += isInside ? 1 : -1 }
        if scope == .personal { changes.events.append(.stayed(key, slot: slot)) }
        let count = slots[slot].row.participantCount
        if !slots[slot].row.isBig, count > Limits.bigAbove { resize(slot, isBig: true) }
        if slots[slot].row.isBig, count < Limits.smallBelow { resize(slot, isBig: false) }
    }

    /// The greatest ord of a message below `ord`, as far as it was loaded or came in this batch.
    func lastSend(in slot: Int, below ord: Int64) -> Int64? {
        let stored = (knownSends[slots[slot].id] ?? []).lazy.filter { $0 < ord }.max()
        let sent = slots[slot].sends.lazy.filter { $0 < ord }.max()
        return [stored, sent].compactMap { $0 }.max()
    }
}

extension [MembershipInterval] {
    /// Adds what a stay states. Sorted by joining, before and after.
    fileprivate mutating func state(_ stay: Stay, isFounder: Bool) {
        let index = firstIndex { $0.joined >= stay.joined } ?? endIndex
        if index == endIndex || self[index].joined != stay.joined {
            insert(MembershipInterval(joined: stay.joined, left: nil, isModerator: isFounder), at: index)
        }
        for earlier in indices.dropLast() { end(earlier, at: self[earlier + 1].joined) }
        if let left = stay.left { end(index, at: left) }
    }

    private mutating func end(_ index: Int, at ord: Int64) {
        let ord = Swift.max(ord, self[index].joined)
        guard ord < self[index].left ?? .max else { return }
        self[index].left = ord
        self[index].isModerator = false
    }
}

extension ConversationFold.Membership {
    /// All intervals that may reach beyond the ord of the batch's last record, or end at it; oldest first.
    var latest: [MembershipInterval] { all ?? ended + (open.map { [$0] } ?? []) }

    /// The first ord from this one on at which none of the member's intervals began: a legacy store whose clock is ahead of
    /// the log's may have stated one that begins at the very ord of a joining, and has an end.
    func firstFree(from ord: Int64) -> Int64 {
        var ord = ord
        while (all ?? ended).contains(where: { $0.joined == ord }) { ord += 1 }
        return ord
    }

    /// Whether the interval is not stored yet.
    func isNew(_ interval: MembershipInterval) -> Bool {
        interval.joined != storedJoined && !(stored?.contains { $0.joined == interval.joined } ?? false)
    }

    /// Puts other intervals in the place of all that were there, and notes those that changed.
    fileprivate mutating func take(_ intervals: [MembershipInterval], insteadOf old: [MembershipInterval]) {
        for interval in intervals where interval.left != nil && !old.contains(interval) {
            ended.removeAll { $0.joined == interval.joined }
            ended.append(interval)
        }
        open = intervals.first { $0.left == nil }
        all = intervals
    }
}
