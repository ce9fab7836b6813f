public import Messaging
import PersonalMetadata
import SharedContent

/// Reads of an operator: of one thing as everybody has it, whoever may see it.
extension ReadPath {
    /// A message with its versions; nobody's star, hide or marker is in it.
    public func message(_ key: ConversationMessage) throws -> Answer<MessageWithVersions?> {
        try answer(scopes.shared(key.conversation), nil) {
            guard let message = try shared.message(key) else { return nil }
            var shown = message
            shown.content = nil
            let state = try state(of: message, PersonalMessageRow())
            let versions = state.isLive ? try shared.versions(of: message) : []
            return MessageWithVersions(
                answer: MessageAnswer(message: shown, state: state, isStarred: false, isRead: false),
                versions: try versions.map { try self.version($0, of: message) })
        }
    }

    /// A conversation; its participants are not in it.
    public func conversation(_ id: ConversationID) throws -> Answer<OperatorConversation?> {
        try answer(scopes.shared(id), nil) {
            guard let row = try shared.conversation(id), let kind = row.kind else { return nil }
            return OperatorConversation(
                answer: ConversationAnswer(
                    conversation: id, kind: kind, title: try row.title.flatMap { try content.title($0, of: id) },
                    isClosed: row.isClosed, history: row.history, participants: []),
                participantCount: row.participantCount, lastSend: row.lastSend)
        }
    }

    /// A conversation as it stands in a member's mailbox; `nil` when the member never was in it.
    public func mailboxRow(of id: ConversationID, as member: MemberID) throws -> Answer<MailboxRow?> {
        try answer(scopes.shared(id) + scopes.personal(id, member), nil) {
            guard let activity = try personal.row(of: ConversationMember(id, member))?.activity else { return nil }
            // The place just before it: rows are listed by activity, then id.
            let place = MailboxPlace(activity: activity + 1, conversation: ConversationID(Identifier(high: 0, low: 0)))
            var after: MailboxPlace? = place
            repeat {
                let page = try personal.mailbox(of: member, .all, after: after, limit: 100)
                if let entry = page.first(where: { $0.conversation == id }) { return try row(entry) }
                guard let last = page.last, last.row.activity >= activity else { return nil }
                after = last.place
            } while true
        }
    }
}
