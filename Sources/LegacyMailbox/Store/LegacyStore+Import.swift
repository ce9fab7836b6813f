/// Taking in mail that was sent long ago.
extension LegacyStore {
    /// How the owner of an imported mailbox keeps a mail.
    struct Placement {
        var owner: [UInt8]
        var folder: [UInt8]
        var isRead: Bool
        var isStarred: Bool
        var isDeleted: Bool
    }

    /// A message as it was imported.
    struct Imported {
        var draft: Draft
        var thread: [UInt8]
        var placement: Placement?
    }

    /// Adds messages that are old, in one transaction: everybody but the mailbox's owner counts as having read them, as
    /// nothing else is known.
    ///
    /// A message that is there already gets what it lacks: a copy for the owner's further folder.
    /// - Returns: for each, how many rows were written.
    func take(_ messages: [Imported]) throws -> [Int] {
        try transaction {
            try messages.map { try take($0.draft, thread: $0.thread, placement: $0.placement).count }
        }
    }

    private func take(_ draft: Draft, thread: [UInt8], placement: Placement?) throws -> [LegacyWrite] {
        let people = [draft.sender] + draft.recipients + (placement.map { [$0.owner] } ?? [])
        try LegacyText.check(names: [thread, draft.deduplicationKey] + people)
        try LegacyText.check(texts: [draft.subject, draft.body] + (draft.inReplyTo.map { [$0] } ?? []))
        return try changeWithin(thread) { change in
            let known = try copies(thread, draft.deduplicationKey)
            if known.isEmpty {
                try begin(draft, people, in: &change)
                for owner in Set(people).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                    let own = placement.flatMap { $0.owner == owner ? $0 : nil }
                    change.write(.insert, .copy(old(draft, for: owner, own, change.thread)))
                }
            } else if let placement,
                !known.contains(where: { $0.owner == placement.owner && $0.folder == placement.folder })
            {
                change.write(
                    .insert, .copy(old(draft, for: placement.owner, placement, change.thread, isFurther: true)))
            }
        }
    }

    private func begin(_ draft: Draft, _ people: [[UInt8]], in change: inout LegacyChange) throws {
        if try thread(change.thread) == nil {
            let row = LegacyThread(
                thread: change.thread, subject: draft.subject, creator: draft.sender,
                createdAt: draft.sentAt ?? change.now)
            change.write(.insert, .thread(row))
        }
        let known = Set(try participants(change.thread).map(\.owner))
        for owner in Set(people).subtracting(known).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let row = LegacyParticipant(
                thread: change.thread, owner: owner, joinedAt: draft.sentAt ?? change.now, leftAt: nil,
                folder: LegacyFolder.inbox)
            change.write(.insert, .participant(row))
        }
    }

    private func old(
        _ draft: Draft, for owner: [UInt8], _ placement: Placement?, _ thread: [UInt8], isFurther: Bool = false
    ) -> LegacyCopy {
        let sentAt = draft.sentAt ?? 0
        let name = isFurther ? draft.deduplicationKey + [0] + (placement?.folder ?? []) : draft.deduplicationKey
        return LegacyCopy(
            thread: thread, owner: owner, copyID: LegacyText.copyID(thread, owner, name),
            deduplicationKey: draft.deduplicationKey,
            folder: placement?.folder ?? (owner == draft.sender ? LegacyFolder.sent : LegacyFolder.inbox),
            sender: draft.sender, recipients: draft.recipients, subject: draft.subject, body: draft.body,
            attachments: draft.attachments, inReplyTo: draft.inReplyTo, sentAt: sentAt,
            readAt: placement.map(\.isRead) ?? true ? sentAt : nil, starred: placement?.isStarred ?? false,
            deletion: placement?.isDeleted ?? false ? .own : .none)
    }
}
