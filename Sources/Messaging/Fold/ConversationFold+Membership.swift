extension ConversationFold {
    /// Rule 1: a group; its actor is always a participant and its first moderator.
    mutating func create(_ create: CreateConversation, _ record: Record, ord: Int64, slot: Int) -> Outcome {
        if record.origin == .legacy { return found(create, record, ord: ord, slot: slot) }
        if slots[slot].row.kind != nil { return .rejected(.exists) }
        if let title = create.title, title.bytes.count > Limits.titleBytes + Limits.sealingAllowance {
            return .rejected(.tooLarge)
        }
        let members = Set(create.participants).union([record.actor])
        if members.count > Limits.participants { return .rejected(.tooMany) }
        slots[slot].row.kind = .group
        slots[slot].row.history = create.history
        if let title = create.title { setTitle(title, record, ord: ord, slot: slot) }
        for member in members.sorted() { join(member, ord: ord, slot: slot, moderator: member == record.actor) }
        return .accepted
    }

    /// The direct conversation of two, made by its first message.
    mutating func createDirect(_ one: MemberID, _ other: MemberID, ord: Int64, slot: Int) {
        slots[slot].row.kind = .direct
        slots[slot].row.history = .fromJoin
        for member in [min(one, other), max(one, other)] { join(member, ord: ord, slot: slot, moderator: false) }
    }

    /// Rule 13: participants add; all or nothing.
    mutating func add(_ add: AddParticipants, _ record: Record, ord: Int64, slot: Int) -> Outcome {
        guard record.origin == .legacy || isParticipant(record.conversation, record.actor) else {
            return .rejected(.notParticipant)
        }
        guard slots[slot].row.kind == .group else { return .rejected(.notAllowed) }
        let joining = Set(add.members).filter { !isParticipant(record.conversation, $0) }
        if Int(slots[slot].row.participantCount) + joining.count > Limits.participants { return .rejected(.tooMany) }
        for member in joining.sorted() { join(member, ord: ord, slot: slot, moderator: false) }
        return .accepted
    }

    /// Rule 13: moderators remove others; anybody leaves.
    mutating func remove(_ remove: RemoveParticipant, _ record: Record, ord: Int64, slot: Int) -> Outcome {
        guard let kind = slots[slot].row.kind else { return .rejected(.notParticipant) }
        if remove.member != record.actor, record.origin == .native {
            guard isParticipant(record.conversation, record.actor) else { return .rejected(.notParticipant) }
            guard isModerator(record.conversation, record.actor) else { return .rejected(.notAllowed) }
        }
        guard kind == .group else { return .rejected(.notAllowed) }
        if isParticipant(record.conversation, remove.member) { leave(remove.member, ord: ord, slot: slot) }
        return .accepted
    }

    /// Rule 16: moderators name and unname any participant, the creator too.
    mutating func setModerator(_ set: SetModerator, _ record: Record, slot: Int) -> Outcome {
        guard isParticipant(record.conversation, record.actor), isParticipant(record.conversation, set.member) else {
            return .rejected(.notParticipant)
        }
        guard isModerator(record.conversation, record.actor) else { return .rejected(.notAllowed) }
        let key = ConversationMember(record.conversation, set.member)
        guard memberships[key]!.open!.isModerator != set.on else { return .accepted }
        setOffice(set.on, of: key)
        return .accepted
    }

    /// Rule 15: by a participant; latest by ord.
    mutating func rename(_ rename: Rename, _ record: Record, ord: Int64, slot: Int) -> Outcome {
        if rename.title.bytes.count > Limits.titleBytes + Limits.sealingAllowance { return .rejected(.tooLarge) }
        guard record.origin == .legacy || isParticipant(record.conversation, record.actor) else {
            return .rejected(.notParticipant)
        }
        guard slots[slot].row.kind == .group else { return .rejected(.notAllowed) }
        setTitle(rename.title, record, ord: record.version ?? ord, slot: slot)
        if record.origin == .legacy { setFounder(record.actor, slot: slot) }
        return .accepted
    }

    /// Rule 15: closed and opened again by a moderator.
    mutating func close(_ close: Close, _ record: Record, slot: Int) -> Outcome {
        guard isParticipant(record.conversation, record.actor) else { return .rejected(.notParticipant) }
        guard isModerator(record.conversation, record.actor) else { return .rejected(.notAllowed) }
        slots[slot].row.isClosed = close.on
        return .accepted
    }

    /// The latest wins, whichever comes first; of equals the greater command id.
    mutating func setTitle(_ title: Sealed, _ record: Record, ord: Int64, slot: Int) {
        guard scope == .shared else { return }
        if let old = slots[slot].row.title, (old.ord, old.command) > (ord, record.id) { return }
        slots[slot].row.title = Title(sealed: title, author: record.actor, command: record.id, ord: ord)
    }

    mutating func join(_ member: MemberID, ord: Int64, slot: Int, moderator: Bool) {
        let key = ConversationMember(slots[slot].id, member)
        let ord = memberships[key]?.firstFree(from: ord) ?? ord
        let interval = MembershipInterval(joined: ord, left: nil, isModerator: moderator)
        memberships[key, default: Membership()].open = interval
        // Behind the first that began later: a legacy store's clock may be ahead of the log's.
        if let all = memberships[key]!.all {
            memberships[key]!.all!.insert(interval, at: all.firstIndex { $0.joined > ord } ?? all.endIndex)
        }
        touch(key)
        slots[slot].row.participantCount += 1
        if scope == .personal { changes.events.append(.joined(key, ord: ord, slot: slot)) }
        if !slots[slot].row.isBig, slots[slot].row.participantCount > Limits.bigAbove { resize(slot, isBig: true) }
    }

    private mutating func leave(_ member: MemberID, ord: Int64, slot: Int) {
        let key = ConversationMember(slots[slot].id, member)
        guard var interval = memberships[key]?.open else { return }
        // A legacy store's clock may be ahead of the log's.
        interval.left = max(ord, interval.joined)
        interval.isModerator = false
        memberships[key]!.open = nil
        memberships[key]!.ended.append(interval)
        if let index = memberships[key]!.all?.firstIndex(where: { $0.joined == interval.joined }) {
            memberships[key]!.all![index] = interval
        }
        touch(key)
        noteLeaving(key, at: interval.left!, slot: slot)
        slots[slot].row.participantCount -= 1
        if scope == .personal { changes.events.append(.left(key, ord: interval.left!, slot: slot)) }
        if slots[slot].row.isBig, slots[slot].row.participantCount < Limits.smallBelow { resize(slot, isBig: false) }
    }

    /// Somebody left: messages from before, by a legacy store's clock, may still come.
    mutating func noteLeaving(_ key: ConversationMember, at left: Int64, slot: Int) {
        slots[slot].row.lastLeft = max(slots[slot].row.lastLeft, left)
        if scope == .personal { departed[key.conversation, default: []].insert(key.member) }
    }

    /// Rule 28: decided by the count at an ord, so the same in every replay.
    mutating func resize(_ slot: Int, isBig: Bool) {
        slots[slot].row.isBig = isBig
        if scope == .personal { changes.events.append(.resized(slot: slot)) }
    }

    /// Makes who is inside a moderator, or no longer one.
    mutating func setOffice(_ on: Bool, of key: ConversationMember) {
        memberships[key]!.open!.isModerator = on
        if let index = memberships[key]!.all?.firstIndex(where: { $0.left == nil }) {
            memberships[key]!.all![index].isModerator = on
        }
        touch(key)
    }

    mutating func touch(_ key: ConversationMember) {
        guard !memberships[key]!.isDirty else { return }
        memberships[key]!.isDirty = true
        changes.members.append(key)
    }
}
