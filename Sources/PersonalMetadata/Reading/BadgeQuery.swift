import Messaging
import SQLite
import ViewStorage

/// Counts the listed conversations that call for attention (rule 27).
struct BadgeQuery {
    private let candidates: Statement
    private let unread: UnreadQuery

    init(_ connection: Connection, unread: UnreadQuery) throws {
        self.unread = unread
        candidates = try connection.prepare(
            """
            SELECT conversation, \(PersonalRowQuery.columns) FROM personal_conversation INDEXED BY mailbox_attention
            WHERE member = ? AND attention = 1
            """)
    }

    func count(of member: MemberID, merged: [MergedConversation], cap: Int) throws -> Int {
        var count = 0
        try candidates.bind(member, at: 1)
        defer { candidates.reset() }
        while try count < cap && candidates.step() {
            let key = ConversationMember(candidates.id(0), member)
            if try calls(key, PersonalRowQuery.row(candidates, from: 1)) { count += 1 }
        }
        for candidate in merged where count < cap && candidate.row.needsAttention {
            if try calls(ConversationMember(candidate.conversation, member), candidate.row) { count += 1 }
        }
        return count
    }

    private func calls(_ key: ConversationMember, _ row: PersonalRow) throws -> Bool {
        try row.isMarkedUnread || unread.hasUnread(of: key, row)
    }
}
