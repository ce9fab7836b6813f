/// What legacy copies say of their owners (SEMANTICS 22, 37 and 39): each of a copy's marks is a register by its source
/// version, and its read flag decides until a later read reaches the message.
extension PersonalFold {
    mutating func take(_ state: CopyState, key: ConversationMember, version: Int64) {
        guard let row = rows[key]?.row else {
            preconditionFailure("a copy of \(key.member) in \(key.conversation) was judged without the row loaded")
        }
        // The row is there as soon as a copy is, whatever becomes of its flag.
        if rows[key]?.isStored != true { change(key) { _ in } }
        let isOverruled = row.isReached(state.ord, after: version)
        mark(key, state.message) { mark in
            mark.star(state.isStarred, at: version)
            mark.hide(state.isHidden, at: version)
            // Of two flags of one version the one that says read counts.
            guard let isRead = state.isRead, (version, isRead ? 1 : 0) > (mark.flaggedAt, mark.readFlag == true ? 1 : 0)
            else { return }
            // A read that reaches the message says what a copy flagged read says.
            mark.readFlag = isRead || !isOverruled ? isRead : nil
            mark.flaggedAt = version
            mark.ord = state.ord
        }
        let target = PersonalMessageKey(key.member, ConversationMessage(key.conversation, state.message))
        count(target, key)
    }

    /// A read has come: flags before it, of messages it reaches, decide no longer.
    mutating func overrule(_ key: ConversationMember) {
        guard let row = rows[key]?.row, row.unreadFlags > 0 else { return }
        guard let flagged = unreadFlags[key], flagged.count == row.unreadFlags else {
            preconditionFailure("\(key.member) read in \(key.conversation) without the flags of the copies loaded")
        }
        for message in flagged {
            let target = PersonalMessageKey(key.member, ConversationMessage(key.conversation, message))
            guard let mark = marks[target], row.isReached(mark.ord, after: mark.flaggedAt) else { continue }
            marks[target]!.readFlag = nil
            changes.marks.insert(target)
            count(target, key)
        }
    }

    /// Keeps the number of unread flags.
    private mutating func count(_ target: PersonalMessageKey, _ key: ConversationMember) {
        let message = target.target.message
        let isUnread = marks[target]?.readFlag == false
        let wasUnread = unreadFlags[key]?.contains(message) ?? false
        guard isUnread != wasUnread else { return }
        if isUnread { unreadFlags[key, default: []].insert(message) } else { unreadFlags[key]!.remove(message) }
        change(key) { $0.unreadFlags += isUnread ? 1 : -1 }
    }

    /// Readers of the batch with flagged copies: every mark that is flagged unread must be loaded (``load(_:_:)``).
    ///
    /// - Precondition: rows and what waits are loaded.
    public func flagsToLoad(for needs: PersonalNeeds) -> [ConversationMember] {
        var readers = needs.readers
        for (target, commands) in waiting {
            for command in commands where command.effect != .archive {
                readers.insert(ConversationMember(target.conversation, command.member))
            }
        }
        return readers.filter { rows[$0]?.row.unreadFlags ?? 0 > 0 }.sorted()
    }
}

/// The latest counts. Of two of the same microsecond, one of them a legacy system's, that which is on counts, whichever comes
/// first.
extension PersonalMessageRow {
    mutating func star(_ on: Bool, at version: Int64) {
        guard version > starredAt || version == starredAt && on else { return }
        isStarred = on
        starredAt = version
    }

    mutating func hide(_ on: Bool, at version: Int64) {
        guard version > hiddenAt || version == hiddenAt && on else { return }
        isHidden = on
        hiddenAt = version
    }
}

extension PersonalRow {
    mutating func mute(_ on: Bool, at version: Int64) {
        guard version > mutedAt || version == mutedAt && on else { return }
        isMuted = on
        mutedAt = version
    }

    /// - Parameter ord: up to which it is archived; `nil`: no longer.
    mutating func archive(upTo ord: Int64?, at version: Int64) {
        guard version > archivedAt || version == archivedAt && ord ?? .min > archivedUpTo ?? .min else { return }
        archivedUpTo = ord
        archivedAt = version
    }
}
