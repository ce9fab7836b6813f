/// What a legacy system says: it has judged already, so nothing is refused, and everything merges by source versions,
/// whichever comes first (SEMANTICS section D).
extension ConversationFold {
    /// Rule 35: a record of a thread whose own row is not here yet makes its conversation.
    mutating func assumeGroup(_ slot: Int) {
        if slots[slot].row.kind == nil { slots[slot].row.kind = .group }
    }

    /// A thread: its title, and who made it. Who is in it is said by stays.
    mutating func found(_ create: CreateConversation, _ record: Record, ord: Int64, slot: Int) -> Outcome {
        if let title = create.title {
            if title.bytes.count > Limits.titleBytes + Limits.sealingAllowance { return .rejected(.tooLarge) }
            setTitle(title, record, ord: record.version ?? ord, slot: slot)
        }
        setFounder(record.actor, slot: slot)
        return .accepted
    }

    /// Who made a thread moderates its conversation while inside.
    mutating func setFounder(_ member: MemberID, slot: Int) {
        guard slots[slot].row.founder == nil else { return }
        slots[slot].row.founder = member
        let key = ConversationMember(slots[slot].id, member)
        if memberships[key]?.open != nil { setOffice(true, of: key) }
    }

    // MARK: - Messages

    /// A further copy of a command that was judged: it may know better.
    mutating func mergeCopy(_ logged: LoggedRecord, ord: Int64) {
        let record = logged.record
        switch record.command {
        case .send(let send):
            let key = ConversationMessage(record.conversation, send.message)
            if messages[key]?.row.sourceVersion != nil { merge(send, logged, key: key, ord: ord) }
        case .edit(let edit) where scope == .shared:
            let key = ConversationMessage(record.conversation, edit.message)
            if messages[key] != nil { merge(edit, logged, key: key, ord: ord) }
        case .delete(let delete) where delete.version == nil:
            let tombstone = Tombstone(by: record.actor, ord: record.version ?? ord, reason: delete.reason)
            keepEarliest(tombstone, of: ConversationMessage(record.conversation, delete.message))
        default: break
        }
    }

    /// Rules 36 and 37: of the copies' originals the one with the highest source version counts; equal versions that
    /// differ, and copies that disagree, are a conflict, which is reported once a message.
    mutating func merge(_ send: Send, _ logged: LoggedRecord, key: ConversationMessage, ord: Int64) {
        guard scope == .shared, var slot = messages[key], let stored = slot.row.sourceVersion else { return }
        let version = logged.record.version ?? Record.placeholderVersion
        // Place and sender stay as they were first told: what is sealed, marked and counted depends on them.
        let isElsewhere = send.legacyOrd != slot.row.ord || logged.record.actor != slot.row.sender
        let differs = slot.row.digest != send.digest
        let isDispute = isElsewhere || differs && min(version, stored) > Record.placeholderVersion
        if !isElsewhere, version > stored || (version == stored && slot.row.digest.value < send.digest.value) {
            slot.row.sourceVersion = version
            if differs { slot.replaceOriginal(send, by: logged.record.id) }
        } else if !isDispute {
            return
        }
        let isNewDispute = isDispute && !slot.row.isDisputed
        if isNewDispute { slot.row.isDisputed = true }
        messages[key] = slot
        touch(key)
        if isNewDispute { reject(logged, ord: ord, .versionConflict) }
    }

    /// An edit in the legacy system: a version with the ord of its time there. It is kept in a deleted message, too, without
    /// content, as one that came before the deletion is.
    mutating func legacyEdit(_ edit: Edit, _ record: Record, ord: Int64, key: ConversationMessage) -> Outcome {
        guard messages[key]?.versions != nil else {
            preconditionFailure("a legacy edit was judged without the message's versions loaded")
        }
        var version = VersionRow(
            id: record.id, ord: edit.legacy?.ord ?? ord, content: edit.content, isWithdrawn: false)
        version.sourceVersion = record.version
        version.digest = edit.legacy?.digest
        changes.versionPlaces[ConversationCommand(key.conversation, record.id)] = changes.versions.count
        add(version, to: key)
        return .accepted
    }

    /// The same for the copies of an edit.
    private mutating func merge(_ edit: Edit, _ logged: LoggedRecord, key: ConversationMessage, ord: Int64) {
        guard var slot = messages[key], var versions = slot.versions, let legacy = edit.legacy,
            let index = versions.firstIndex(where: { $0.id == logged.record.id }),
            let stored = versions[index].sourceVersion, let version = logged.record.version
        else { return }
        let differs = versions[index].digest != legacy.digest
        let isLater = version > stored || (version == stored && versions[index].digest.isBelow(legacy.digest))
        guard isLater || differs else { return }
        if isLater {
            versions[index].sourceVersion = version
            let isLive = slot.row.tombstone == nil && !versions[index].isWithdrawn
            if differs {
                if isLive { versions[index].replace(content: edit.content, digest: legacy.digest) }
                versions[index].digest = legacy.digest
            }
            if !isLive { versions[index].content = nil }
            note(versions[index], of: key)
        }
        let isNewDispute = differs && !slot.row.isDisputed
        if isNewDispute { slot.row.isDisputed = true }
        slot.versions = versions
        messages[key] = slot
        touch(key)
        if isNewDispute { reject(logged, ord: ord, .versionConflict) }
    }

    /// A version of this batch is written as it is now; a stored one is changed.
    private mutating func note(_ version: VersionRow, of key: ConversationMessage) {
        if let index = changes.versionPlaces[ConversationCommand(key.conversation, version.id)] {
            changes.versions[index].1 = version
        } else {
            changes.replaced[key, default: []].insert(version.id)
        }
    }

    /// Rules 9 and 38: one tombstone, the earliest.
    mutating func keepEarliest(_ tombstone: Tombstone, of key: ConversationMessage) {
        guard scope == .shared, let old = messages[key]?.row.tombstone, tombstone.isEarlier(than: old) else { return }
        messages[key]!.row.tombstone = tombstone
        touch(key)
    }
}

extension ConversationFold.MessageSlot {
    /// Takes what a later copy says was sent; the content only while the message has its original.
    fileprivate mutating func replaceOriginal(_ send: Send, by command: CommandID) {
        if row.current == row.original { row.current = command }
        row.original = command
        row.digest = send.digest
        row.replyTo = send.replyTo
        row.sentAt = send.sentAt
        row.keyGenerations = send.content.keyGenerations
        row.content = row.tombstone == nil && !row.isOriginalWithdrawn ? send.content : nil
        isReplaced = true
    }
}

extension PayloadDigest? {
    fileprivate func isBelow(_ other: PayloadDigest) -> Bool { map { $0.value < other.value } ?? true }
}

extension Record {
    /// What decides conflicts with legacy data, microseconds; `nil` of Parley's own records.
    var version: Int64? { origin == .legacy ? sourceVersion : nil }
}
