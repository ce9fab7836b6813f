import Messaging
import Postgres
import ViewStorage

/// Counts unread messages (rule 25): live, not the member's own, not hidden, inside the member's intervals, above the marker
/// unless the member's legacy copy is flagged read, or below it where the copy is flagged unread. Never further than the
/// cap, all conversations of a page in one statement.
struct PostgresUnreadQuery {
    private let database: PostgresViewDatabase

    init(_ database: PostgresViewDatabase) { self.database = database }

    /// Each conversation is walked through its newest messages only, and no further than the limit.
    private static let counting = """
        SELECT k.number, (SELECT count(*) FROM (
            SELECT 1 FROM participant i
            JOIN message_ref r ON r.conversation = i.conversation AND r.deleted = 0 AND r.sender <> i.member
                AND r.ord >= i.joined_ord AND r.ord > k.above AND r.ord < coalesce(i.left_ord, 9223372036854775807)
            WHERE i.conversation = k.conversation AND i.member = $1
                AND coalesce(i.left_ord, 9223372036854775807) > k.above
                AND NOT EXISTS (SELECT 1 FROM personal_message m WHERE m.member = i.member
                    AND m.conversation = r.conversation AND m.message = r.message AND (m.hidden = 1 OR m.read = 1))
            LIMIT $5) AS found)
        + CASE WHEN k.flags = 0 THEN 0 ELSE (SELECT count(*) FROM (
            SELECT 1 FROM personal_message m
            JOIN message_ref r ON r.conversation = m.conversation AND r.ord = m.ord AND r.message = m.message
            WHERE m.member = $1 AND m.conversation = k.conversation AND m.read = 0 AND m.ord <= k.above AND m.hidden = 0
                AND r.deleted = 0 AND r.sender <> m.member
                AND EXISTS (SELECT 1 FROM participant i WHERE i.conversation = m.conversation AND i.member = m.member
                    AND i.joined_ord <= m.ord AND (i.left_ord IS NULL OR i.left_ord > m.ord))
            LIMIT $5) AS flagged) END
        FROM unnest($2, $3, $4, $6) AS k (number, conversation, above, flags)
        """

    /// How many unread messages each row has, up to a limit.
    /// - Parameter rows: the member's, up to date.
    func counts(
        of member: MemberID, _ rows: [(conversation: ConversationID, row: PersonalRow)], upTo limit: Int
    ) throws -> [Int] {
        var counts = [Int](repeating: 0, count: rows.count)
        let (numbers, conversations, above) = (PostgresArray(.int8), PostgresArray(.uuid), PostgresArray(.int8))
        let flags = PostgresArray(.int8)
        for (index, entry) in rows.enumerated() where entry.row.joined != nil && entry.row.mayHaveUnread {
            flags.append(Int64(entry.row.unreadFlags))
            numbers.append(Int64(index))
            conversations.append(entry.conversation)
            above.append(entry.row.readUpTo)
        }
        guard numbers.count > 0 else { return counts }
        let found = try database.query(Self.counting) {
            $0.add(member)
            $0.add(numbers)
            $0.add(conversations)
            $0.add(above)
            $0.add(Int64(limit))
            $0.add(flags)
        }
        for row in 0..<found.count { counts[Int(try found.int64(row, 0))] = min(limit, Int(try found.int64(row, 1))) }
        return counts
    }
}
