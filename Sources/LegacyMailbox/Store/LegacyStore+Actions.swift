import Messaging

/// What people do in the legacy system. Each is one transaction with its outbox entries and answers what it wrote; an
/// action that changes nothing writes nothing. Text is UTF-8 without NUL, owners, threads and keys at most 512 bytes.
extension LegacyStore {
    /// A message as somebody sends it.
    public struct Draft: Hashable, Sendable {
        public var sender: [UInt8]
        /// Who gets a copy beside those who are in the thread; they join it.
        public var recipients: [[UInt8]]
        /// Also the title of a thread that the message begins.
        public var subject: [UInt8]
        public var body: [UInt8]
        /// The same key in one thread is the same message.
        public var deduplicationKey: [UInt8]
        public var inReplyTo: [UInt8]?
        public var attachments: [LegacyAttachment]
        /// When it was sent, where that is not now: for imported messages.
        public var sentAt: Int64?

        public init(
            sender: [UInt8], recipients: [[UInt8]] = [], subject: [UInt8] = [], body: [UInt8],
            deduplicationKey: [UInt8], inReplyTo: [UInt8]? = nil, attachments: [LegacyAttachment] = [],
            sentAt: Int64? = nil
        ) {
            self.sender = sender
            self.recipients = recipients
            self.subject = subject
            self.body = body
            self.deduplicationKey = deduplicationKey
            self.inReplyTo = inReplyTo
            self.attachments = attachments
            self.sentAt = sentAt
        }
    }

    /// Sends a message: the thread where it is new, those who join it, and a copy for everybody in it. A thread that
    /// somebody had moved away comes back to the inbox. A key that the thread has already writes nothing.
    public func send(_ draft: Draft, thread: [UInt8]) throws -> [LegacyWrite] {
        try LegacyText.check(names: [thread, draft.sender, draft.deduplicationKey] + draft.recipients)
        try LegacyText.check(texts: [draft.subject, draft.body] + (draft.inReplyTo.map { [$0] } ?? []))
        return try change(thread) { change in
            guard try copies(thread, draft.deduplicationKey).isEmpty else { return }
            if try self.thread(thread) == nil {
                let row = LegacyThread(
                    thread: thread, subject: draft.subject, creator: draft.sender, createdAt: change.now)
                change.write(.insert, .thread(row))
            }
            let inside = try seat([draft.sender] + draft.recipients, in: &change)
            for participant in inside {
                change.write(.insert, .copy(copy(of: draft, for: participant, inside, change.now)))
            }
        }
    }

    /// Brings people into the thread of a change, and everybody's thread back to the inbox.
    /// - Returns: all who are inside then, by owner.
    private func seat(_ joining: [[UInt8]], in change: inout LegacyChange) throws -> [LegacyParticipant] {
        var known: [[UInt8]: LegacyParticipant] = [:]
        for row in try participants(change.thread) { known[row.owner] = row }
        var inside: [LegacyParticipant] = []
        for owner in Set(known.keys).union(joining).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let old = known[owner]
            let isInside = old.map { $0.leftAt == nil } ?? false
            guard isInside || joining.contains(owner) else { continue }
            let row = LegacyParticipant(
                thread: change.thread, owner: owner, joinedAt: isInside ? old?.joinedAt ?? change.now : change.now,
                leftAt: nil, folder: LegacyFolder.inbox)
            if row != old { change.write(old == nil ? .insert : .update, .participant(row)) }
            inside.append(row)
        }
        return inside
    }

    private func copy(
        of draft: Draft, for participant: LegacyParticipant, _ inside: [LegacyParticipant], _ now: Int64
    ) -> LegacyCopy {
        let isOwn = participant.owner == draft.sender
        let folder = isOwn ? LegacyFolder.sent : LegacyFolder.inbox
        return LegacyCopy(
            thread: participant.thread, owner: participant.owner,
            copyID: LegacyText.copyID(participant.thread, participant.owner, draft.deduplicationKey),
            deduplicationKey: draft.deduplicationKey, folder: folder, sender: draft.sender,
            recipients: inside.map(\.owner).filter { $0 != draft.sender }, subject: draft.subject, body: draft.body,
            attachments: draft.attachments, inReplyTo: draft.inReplyTo, sentAt: draft.sentAt ?? now,
            readAt: isOwn ? now : nil)
    }

    /// Changes the body in every copy that is not deleted for everyone.
    public func edit(thread: [UInt8], message: [UInt8], body: [UInt8]) throws -> [LegacyWrite] {
        try LegacyText.check(texts: [body])
        return try update(thread, message, owner: nil) { copy, now in
            guard copy.deletion != .everyone, copy.body != body else { return }
            copy.body = body
            copy.editedAt = now
        }
    }

    /// Deletes one person's copy.
    public func deleteOwn(thread: [UInt8], message: [UInt8], owner: [UInt8]) throws -> [LegacyWrite] {
        try update(thread, message, owner: owner) { copy, _ in
            if copy.deletion == .none { copy.deletion = .own }
        }
    }

    /// Deletes a message for everybody: every copy, with its body.
    public func deleteForEveryone(thread: [UInt8], message: [UInt8], by: [UInt8]) throws -> [LegacyWrite] {
        try LegacyText.check(names: [by])
        return try update(thread, message, owner: nil) { copy, _ in
            guard copy.deletion != .everyone else { return }
            copy.deletion = .everyone
            copy.deletedBy = by
            copy.body = nil
            copy.attachments = []
        }
    }

    /// Marks one person's copy as read or unread.
    public func markRead(thread: [UInt8], message: [UInt8], owner: [UInt8], on: Bool) throws -> [LegacyWrite] {
        try update(thread, message, owner: owner) { copy, now in
            if (copy.readAt != nil) != on { copy.readAt = on ? now : nil }
        }
    }

    public func star(thread: [UInt8], message: [UInt8], owner: [UInt8], on: Bool) throws -> [LegacyWrite] {
        try update(thread, message, owner: owner) { copy, _ in copy.starred = on }
    }

    private func update(
        _ thread: [UInt8], _ message: [UInt8], owner: [UInt8]?, _ body: (inout LegacyCopy, Int64) -> Void
    ) throws -> [LegacyWrite] {
        try change(thread) { change in
            let found = try copies(thread, message).filter { owner == nil || $0.owner == owner }
            guard !found.isEmpty else {
                throw LegacyError(.notFound, "no such message in that thread, or no copy of that owner")
            }
            for old in found {
                var new = old
                body(&new, change.now)
                if new != old { change.write(.update, .copy(new)) }
            }
        }
    }
}
