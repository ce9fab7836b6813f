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

    /// Before the ids of threads that an import made.
    static let importedPrefix = "mail-"

    /// The threads that imports made, by message and people: `ImportedThreads/name(_:_:)`.
    func importedThreads() throws -> [[UInt8]: [UInt8]] {
        try guarded {
            let own = "thread_id LIKE '\(Self.importedPrefix)%'"
            var people: [[UInt8]: [[UInt8]]] = [:]
            let participants = try database.rows("SELECT thread_id, owner FROM participant WHERE \(own)", [])
            for row in 0..<participants.count {
                people[try participants.text(row, 0), default: []].append(try participants.text(row, 1))
            }
            for (thread, owners) in people { people[thread] = owners.sorted { $0.lexicographicallyPrecedes($1) } }
            let messages = try database.rows("SELECT DISTINCT thread_id, dedup_key FROM message_copy WHERE \(own)", [])
            var threads: [[UInt8]: [UInt8]] = [:]
            for row in 0..<messages.count {
                let thread = try messages.text(row, 0)
                threads[ImportedThreads.name(try messages.text(row, 1), people[thread] ?? [])] = thread
            }
            return threads
        }
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
        let people = [draft.sender] + draft.recipients
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
                change.write(.insert, .copy(further(known[0], placement)))
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
        var known = Set<[UInt8]>()
        for var row in try participants(change.thread) {
            known.insert(row.owner)
            // An older mail found later: whoever has a copy of it was there.
            guard people.contains(row.owner), row.leftAt == nil, let sentAt = draft.sentAt, sentAt < row.joinedAt else {
                continue
            }
            row.joinedAt = sentAt
            change.write(.update, .participant(row))
        }
        for owner in Set(people).subtracting(known).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let row = LegacyParticipant(
                thread: change.thread, owner: owner, joinedAt: draft.sentAt ?? change.now, leftAt: nil,
                folder: LegacyFolder.inbox)
            change.write(.insert, .participant(row))
        }
    }

    private func old(
        _ draft: Draft, for owner: [UInt8], _ placement: Placement?, _ thread: [UInt8]
    ) -> LegacyCopy {
        let sentAt = draft.sentAt ?? 0
        return LegacyCopy(
            thread: thread, owner: owner, copyID: LegacyText.copyID(thread, owner, draft.deduplicationKey),
            deduplicationKey: draft.deduplicationKey,
            folder: placement?.folder ?? (owner == draft.sender ? LegacyFolder.sent : LegacyFolder.inbox),
            sender: draft.sender, recipients: draft.recipients, subject: draft.subject, body: draft.body,
            attachments: draft.attachments, inReplyTo: draft.inReplyTo, sentAt: sentAt,
            readAt: placement.map(\.isRead) ?? true ? sentAt : nil, starred: placement?.isStarred ?? false,
            deletion: placement?.isDeleted ?? false ? .own : .none)
    }

    /// What lies in another folder is the same message: only what is the owner's own differs. Another file of it may have
    /// lost its date, or name its attachments by its own path.
    private func further(_ known: LegacyCopy, _ placement: Placement) -> LegacyCopy {
        var copy = known
        copy.owner = placement.owner
        copy.copyID = LegacyText.copyID(
            copy.thread, placement.owner, copy.deduplicationKey + [0] + placement.folder)
        copy.folder = placement.folder
        copy.readAt = placement.isRead ? copy.sentAt : nil
        copy.starred = placement.isStarred
        if known.deletion != .everyone { copy.deletion = placement.isDeleted ? .own : .none }
        return copy
    }
}
