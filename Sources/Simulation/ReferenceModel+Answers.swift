public import Messaging

/// What readers of the personal-metadata view must be answered (rules 19 to 27).
extension ReferenceModel {
    /// A conversation in a mailbox.
    public struct MailboxLine: Hashable, Sendable {
        public var conversation: ConversationID
        public var activity: Int64
        public var isArchived: Bool
        public var isMuted: Bool
        public var isMarkedUnread: Bool
        public var unread: Int

        /// Whether there is anything to see there.
        public var isUnread: Bool { isMarkedUnread || unread > 0 }
    }

    /// All conversations the member ever joined, newest activity first, then by id.
    public func mailbox(of member: MemberID) -> [MailboxLine] {
        let joined = everJoined(member)
        let lines = conversations.compactMap { id, conversation -> MailboxLine? in
            let row = ModelRow(
                member, commands: members[member]?.commands(in: id) ?? [], in: conversation, everJoined: joined)
            guard row.joined != nil else { return nil }
            return MailboxLine(
                conversation: id, activity: row.activity, isArchived: row.isArchived, isMuted: row.isMuted,
                isMarkedUnread: row.marked > row.lastRead, unread: row.unread)
        }
        return lines.sorted {
            $0.activity != $1.activity ? $0.activity > $1.activity : $0.conversation < $1.conversation
        }
    }

    /// Rule 27, not capped.
    public func badge(of member: MemberID) -> Int {
        mailbox(of: member).count { $0.isUnread && !$0.isMuted && !$0.isArchived }
    }

    /// The member's starred messages that are here, live and not hidden: the ord of each.
    public func stars(of member: MemberID) -> [ConversationMessage: Int64] {
        var found: [ConversationMessage: Int64] = [:]
        for id in Set(members[member]?.judged.map(\.record.conversation) ?? []) {
            let marks = ModelMarks.all(members[member]?.commands(in: id) ?? [], conversations[id])
            for (message, mark) in marks where mark.star?.on == true && mark.hidden?.on != true {
                guard let known = conversations[id]?.message(message), known.tombstone == nil else { continue }
                found[ConversationMessage(id, message)] = known.ord
            }
        }
        return found
    }

    /// Who is inside, with the public marker; `nil` where there is none.
    public func receipts(of id: ConversationID) -> [MemberID: Int64?] {
        guard let conversation = conversations[id] else { return [:] }
        var found: [MemberID: Int64?] = [:]
        for member in conversation.inside {
            let row = ModelRow(
                member, commands: members[member]?.commands(in: id) ?? [], in: conversation, everJoined: 0)
            found[member] = .some(row.readPublic >= 0 ? row.readPublic : nil)
        }
        return found
    }

    /// Everybody and every conversation that the model knows of.
    public var everybodyAndEverywhere: (members: [MemberID], conversations: [ConversationID]) {
        (everybody.sorted(), conversations.keys.sorted())
    }
}
