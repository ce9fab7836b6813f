import Messaging
import Postgres
import ViewStorage

/// Counts the listed conversations that call for attention (rule 27), and stops at the cap.
struct PostgresBadgeQuery {
    private let database: PostgresViewDatabase
    private let unread: PostgresUnreadQuery
    private let merged: PostgresMergedConversations

    /// Candidates looked at in one statement.
    private static let step = 128

    init(_ database: PostgresViewDatabase, unread: PostgresUnreadQuery, merged: PostgresMergedConversations) {
        self.database = database
        self.unread = unread
        self.merged = merged
    }

    private static func candidates(isFirst: Bool) -> String {
        """
        SELECT p.conversation, \(PersonalRowQuery.columnsOfP) FROM personal_conversation p
        WHERE p.member = $1 AND p.attention = 1 AND p.conversation \(isFirst ? ">=" : ">") $2
        ORDER BY p.conversation LIMIT $3
        """
    }

    func count(of member: MemberID, cap: Int) throws -> Int {
        var count = try merged.isIndexed(member) ? try indexed(member, cap: cap) : 0
        guard count < cap else { return cap }
        let candidates = try merged.all(of: member).filter(\.row.needsAttention).map {
            (conversation: $0.place.conversation, row: $0.row)
        }
        for start in stride(from: 0, to: candidates.count, by: Self.step) where count < cap {
            count += try attention(member, Array(candidates[start...].prefix(Self.step)))
        }
        return min(count, cap)
    }

    private func indexed(_ member: MemberID, cap: Int) throws -> Int {
        var (count, last) = (0, nil as ConversationID?)
        while count < cap {
            let rows = try database.query(Self.candidates(isFirst: last == nil)) {
                $0.add(member)
                $0.add(last ?? ConversationID(.first))
                $0.add(Int64(Self.step))
            }
            let found = try (0..<rows.count).map { index in
                (
                    conversation: try rows.id(index, 0) as ConversationID,
                    row: try PostgresPersonalLoader.row(rows, index, from: 1)
                )
            }
            count += try attention(member, found)
            guard found.count == Self.step, let end = found.last else { break }
            last = end.conversation
        }
        return count
    }

    /// How many of these are marked or have anything unread.
    private func attention(
        _ member: MemberID, _ rows: [(conversation: ConversationID, row: PersonalRow)]
    ) throws -> Int {
        let unread = try unread.counts(of: member, rows.filter { !$0.row.isMarkedUnread }, upTo: 1)
        return rows.count { $0.row.isMarkedUnread } + unread.count { $0 > 0 }
    }
}
