extension ConversationFold {
    /// Rules 1, 2 and 20's first half: a message, or a copy of one.
    mutating func send(_ send: Send, _ logged: LoggedRecord, ord: Int64, slot: Int) -> Outcome {
        let record = logged.record
        let conversation = record.conversation
        let key = ConversationMessage(conversation, send.message)
        if let existing = messages[key] {
            if record.origin == .legacy, existing.row.sourceVersion != nil || scope == .personal {
                merge(send, logged, key: key, ord: ord)
                return .duplicate
            }
            return existing.row.digest == send.digest ? .duplicate : .rejected(.duplicateConflict)
        }
        if send.content.bytes.count > Limits.contentBytes + Limits.sealingAllowance { return .rejected(.tooLarge) }
        switch (slots[slot].row.kind, send.direct) {
        case (nil, let other?) where other != record.actor:
            createDirect(record.actor, other, ord: ord, slot: slot)
        case (nil, _), (.group, .some):
            return .rejected(.notParticipant)
        case (.direct, let other?) where !isParticipant(conversation, other):
            return .rejected(.notParticipant)
        case (.group, nil), (.direct, _):
            guard record.origin == .legacy || isParticipant(conversation, record.actor) else {
                return .rejected(.notParticipant)
            }
        }
        if slots[slot].row.isClosed, record.origin == .native { return .rejected(.closed) }
        accept(send, record, key: key, ord: ord, slot: slot)
        return .accepted
    }

    private mutating func accept(_ send: Send, _ record: Record, key: ConversationMessage, ord: Int64, slot: Int) {
        let ord = send.legacyOrd ?? ord
        slots[slot].row.lastSend = max(slots[slot].row.lastSend, ord)
        var row = MessageRow(
            ord: ord, sender: record.actor, original: record.id, current: record.id, digest: send.digest,
            replyTo: send.replyTo, sentAt: send.sentAt, content: scope == .shared ? send.content : nil,
            keyGenerations: send.content.keyGenerations)
        row.sourceVersion = record.version
        messages[key] = MessageSlot(row: row, isNew: true, isDirty: true, versions: scope == .shared ? [] : nil)
        changes.messages.append(key)
        if scope == .personal { slots[slot].sends.append(ord) }
        if scope == .personal { changes.events.append(.sent(key, ord: ord, sender: record.actor, slot: slot)) }
        if slots[slot].row.waitingCount > 0 { judgeWaiting(for: key, slot: slot) }
    }

    /// Rule 5: what waited for a message is judged when it arrives, in the order of positions.
    private mutating func judgeWaiting(for key: ConversationMessage, slot: Int) {
        guard let commands = waiting.removeValue(forKey: key), !commands.isEmpty else { return }
        for command in commands.sorted(by: { $0.ord < $1.ord }) {
            slots[slot].row.waitingCount -= 1
            changes.noLongerWaiting.append(WaitingKey(target: key, ord: command.ord))
            let outcome = judgeTargeted(
                command.logged.record, ord: command.ord, key: key, participates: command.actorParticipates,
                moderates: command.actorModerates)
            if case .rejected(let reason) = outcome { reject(command.logged, ord: command.ord, reason) }
        }
    }

    /// An edit, delete or reaction: judged now when its message is known, else it waits.
    mutating func target(_ message: MessageID, _ logged: LoggedRecord, ord: Int64, slot: Int) -> Outcome {
        let record = logged.record
        guard slots[slot].row.kind != nil else { return .rejected(.notParticipant) }
        let key = ConversationMessage(record.conversation, message)
        let interval = membership(record.conversation, record.actor)
        let moderates = interval?.isModerator ?? false
        if messages[key] != nil {
            return judgeTargeted(record, ord: ord, key: key, participates: interval != nil, moderates: moderates)
        }
        guard slots[slot].row.waitingCount < Limits.waitingPerConversation else { return .rejected(.tooMany) }
        slots[slot].row.waitingCount += 1
        var kept = logged
        if scope == .personal, case .edit(var edit) = record.command {
            edit.content = Sealed([])
            kept.record.command = .edit(edit)
        }
        let command = WaitingCommand(
            logged: kept, ord: ord, actorParticipates: interval != nil, actorModerates: moderates)
        waiting[key, default: []].append(command)
        changes.nowWaiting.append((key, command))
        return .orphaned
    }

    private mutating func judgeTargeted(
        _ record: Record, ord: Int64, key: ConversationMessage, participates: Bool, moderates: Bool
    ) -> Outcome {
        switch record.command {
        case .edit(let edit):
            return scope == .shared
                ? self.edit(edit, record, ord: ord, key: key, participates: participates) : .accepted
        case .delete(let delete):
            return self.delete(delete, record, ord: ord, key: key, moderates: moderates)
        case .react(let react):
            return scope == .shared
                ? self.react(react, record, ord: ord, key: key, participates: participates) : .accepted
        default:
            preconditionFailure("only edits, deletes and reactions have a target")
        }
    }

    /// Rules 3, 4 and 6.
    private mutating func edit(
        _ edit: Edit, _ record: Record, ord: Int64, key: ConversationMessage, participates: Bool
    ) -> Outcome {
        guard let row = messages[key]?.row else { preconditionFailure("judged without its message") }
        if record.origin == .legacy { return legacyEdit(edit, record, ord: ord, key: key) }
        guard participates else { return .rejected(.notParticipant) }
        guard row.sender == record.actor else { return .rejected(.notAllowed) }
        guard row.tombstone == nil else { return .rejected(.deleted) }
        if let expected = edit.expectedVersion, expected != row.current { return .rejected(.versionConflict) }
        add(VersionRow(id: record.id, ord: ord, content: edit.content, isWithdrawn: false), to: key)
        return .accepted
    }

    /// A new version: in force when it is the latest. The original is always the oldest.
    mutating func add(_ version: VersionRow, to key: ConversationMessage) {
        messages[key]!.versions?.append(version)
        let row = messages[key]!.row
        if let current = row.current, current == row.original || version.isLater(than: row.currentOrd, current) {
            messages[key]!.row.current = version.id
            messages[key]!.row.currentOrd = version.ord
        }
        touch(key)
        changes.versions.append((key, version))
    }

    /// Rules 7 to 9 and 11.
    private mutating func delete(
        _ delete: Delete, _ record: Record, ord: Int64, key: ConversationMessage, moderates: Bool
    ) -> Outcome {
        guard let row = messages[key]?.row else { preconditionFailure("judged without its message") }
        guard record.origin == .legacy || row.sender == record.actor || moderates else { return .rejected(.notAllowed) }
        let tombstone = Tombstone(by: record.actor, ord: record.version ?? ord, reason: delete.reason)
        if row.tombstone != nil {
            if delete.version == nil { keepEarliest(tombstone, of: key) }
            return .accepted
        }
        if let version = delete.version {
            return scope == .shared ? withdraw(version, key: key) : .accepted
        }
        messages[key]!.row.tombstone = tombstone
        messages[key]!.row.content = nil
        messages[key]!.row.current = nil
        messages[key]!.row.currentOrd = 0
        touch(key)
        changes.deleted.append(key)
        reactions[key] = [:]
        if scope == .personal { changes.events.append(.deleted(key)) }
        return .accepted
    }

    /// Rule 11: a version leaves every answer; the newest that remains is current; the last one stays.
    private mutating func withdraw(_ version: CommandID, key: ConversationMessage) -> Outcome {
        guard var slot = messages[key], var edits = slot.versions else {
            preconditionFailure("a withdrawal was judged without the message's versions loaded")
        }
        let remaining = edits.count { !$0.isWithdrawn } + (slot.row.isOriginalWithdrawn ? 0 : 1)
        if version == slot.row.original {
            if slot.row.isOriginalWithdrawn { return .accepted }
            if remaining == 1 { return .rejected(.lastVersion) }
            slot.row.isOriginalWithdrawn = true
            slot.row.content = nil
        } else {
            guard let index = edits.firstIndex(where: { $0.id == version }) else { return .rejected(.notFound) }
            if edits[index].isWithdrawn { return .accepted }
            if remaining == 1 { return .rejected(.lastVersion) }
            edits[index].isWithdrawn = true
            edits[index].content = nil
            changes.withdrawn.append((key, edits[index]))
        }
        let newest = edits.filter { !$0.isWithdrawn }.max { $1.isLater(than: $0.ord, $0.id) }
        slot.row.current = newest?.id ?? slot.row.original
        slot.row.currentOrd = newest?.ord ?? 0
        slot.versions = edits
        messages[key] = slot
        touch(key)
        return .accepted
    }

    /// Rule 12.
    private mutating func react(
        _ react: React, _ record: Record, ord: Int64, key: ConversationMessage, participates: Bool
    ) -> Outcome {
        guard let row = messages[key]?.row else { preconditionFailure("judged without its message") }
        guard participates else { return .rejected(.notParticipant) }
        guard row.tombstone == nil else { return .accepted }
        let reaction = ReactionKey(target: key, reaction: react.reaction, member: record.actor)
        if react.on {
            let kinds = Set(reactions[key, default: [:]].lazy.filter { $0.value.on }.map { $0.key.reaction })
            if !kinds.contains(react.reaction), kinds.count >= Limits.reactionKinds { return .rejected(.tooMany) }
        }
        let register = ReactionRow(on: react.on, ord: ord)
        reactions[key, default: [:]][reaction] = register
        changes.reactions[reaction] = register
        return .accepted
    }

    mutating func touch(_ key: ConversationMessage) {
        guard !messages[key]!.isDirty else { return }
        messages[key]!.isDirty = true
        changes.messages.append(key)
    }
}
