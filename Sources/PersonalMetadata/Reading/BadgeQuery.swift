import Messaging
import SQLite
import ViewStorage

/// Counts the listed conversations that call for attention (rule 27), and stops at the cap.
struct BadgeQuery {
    private let candidates: Statement
    private let rows: PersonalRowQuery
    private let unread: UnreadQuery
    private let merged: MergedConversationsQuery

    init(_ connection: Connection, unread: UnreadQuery, merged: MergedConversationsQuery) throws {
        self.unread = unread
        self.merged = merged
        rows = try PersonalRowQuery(connection)
        // The newest message mostly decides; it is looked at here, so that there is one call for each candidate.
        candidates = try connection.prepare(
            """
            SELECT p.conversation, p.marked > p.last_read, EXISTS (SELECT 1 FROM message_ref r
                WHERE r.conversation = p.conversation AND r.ord = p.last_seen_send AND r.deleted = 0
                    AND r.sender <> p.member AND r.ord > max(p.read_private, p.read_public, p.own_last))
            FROM personal_conversation p INDEXED BY mailbox_attention WHERE p.member = ? AND p.attention = 1
            """)
    }

    func count(of member: MemberID, cap: Int) throws -> Int {
        var count = try merged.isIndexed(member) ? try indexed(member, cap: cap) : 0
        guard count < cap else { return count }
        for candidate in try merged.all(of: member) where count < cap && candidate.row.needsAttention {
            let key = ConversationMember(candidate.place.conversation, member)
            if try candidate.row.isMarkedUnread || unread.hasUnread(of: key, candidate.row) { count += 1 }
        }
        return count
    }

    private func indexed(_ member: MemberID, cap: Int) throws -> Int {
        let setsAnythingAside = try unread.setsAnythingAside(member)
        var count = 0
        try candidates.bind(member, at: 1)
        defer { candidates.reset() }
        while try count < cap && candidates.step() {
            if candidates.bool(1) || candidates.bool(2) && !setsAnythingAside {
                count += 1
                continue
            }
            let key = ConversationMember(try candidates.id(0), member)
            if let row = try rows.row(key), try unread.hasUnread(of: key, row) { count += 1 }
        }
        return count
    }
}
