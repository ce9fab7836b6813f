import Messaging
import SQLite
import ViewStorage

/// Counts unread messages (rule 25): live, not the member's own, not hidden, inside the member's intervals, above the marker
/// unless the member's legacy copy is flagged read, or below it where the copy is flagged unread. Never further than it has
/// to.
final class UnreadQuery {
    private let newest: Statement
    private let count: Statement
    private let countOthers: Statement
    private let countFlagged: Statement
    private let intervals: Statement
    private let anySetAside: Statement
    private let setAside: Statement
    /// Of the member asked for last, in the transaction at hand: most members hide nothing, and have no legacy copies.
    private var known: (member: MemberID, setsAnythingAside: Bool)?

    init(_ connection: Connection) throws {
        newest = try connection.prepare(
            "SELECT message, sender, deleted FROM message_ref WHERE conversation = ? AND ord = ?")
        let live = """
            FROM message_ref r WHERE r.conversation = ?1 AND r.ord > ?2 AND r.ord < ?3 AND r.deleted = 0 AND r.sender <> ?4
            """
        count = try connection.prepare("SELECT count(*) FROM (SELECT 1 \(live) LIMIT ?5)")
        countOthers = try connection.prepare(
            """
            SELECT count(*) FROM (SELECT 1 \(live) AND NOT EXISTS (SELECT 1 FROM personal_message m
                WHERE m.member = ?4 AND m.conversation = ?1 AND m.message = r.message AND (m.hidden = 1 OR m.read = 1))
                LIMIT ?5)
            """)
        countFlagged = try connection.prepare(
            """
            SELECT count(*) FROM (SELECT 1 FROM personal_message m INDEXED BY personal_message_unread
                CROSS JOIN message_ref r ON r.conversation = m.conversation AND r.ord = m.ord AND r.message = m.message
                WHERE m.member = ?1 AND m.conversation = ?2 AND m.read = 0 AND m.ord <= ?3 AND m.hidden = 0
                    AND r.deleted = 0 AND r.sender <> m.member
                    AND EXISTS (SELECT 1 FROM participant i WHERE i.conversation = m.conversation AND i.member = m.member
                        AND i.joined_ord <= m.ord AND (i.left_ord IS NULL OR i.left_ord > m.ord))
                LIMIT ?4)
            """)
        intervals = try connection.prepare(
            "SELECT joined_ord, left_ord FROM participant WHERE conversation = ? AND member = ? ORDER BY joined_ord DESC"
        )
        anySetAside = try connection.prepare(
            """
            SELECT 1 FROM personal_message INDEXED BY personal_message_set_aside
            WHERE member = ? AND (hidden = 1 OR read = 1) LIMIT 1
            """)
        setAside = try connection.prepare(
            """
            SELECT 1 FROM personal_message WHERE member = ? AND conversation = ? AND message = ?
                AND (hidden = 1 OR read = 1)
            """)
    }

    /// Forgets what belongs to the last transaction.
    func begin() { known = nil }

    /// - Parameter row: the member's, up to date.
    func unread(of key: ConversationMember, _ row: PersonalRow) throws -> UnreadCount {
        UnreadCount(found: try found(of: key, row, upTo: Limits.unreadCap + 1))
    }

    /// Whether there is any: mostly one look at the newest message.
    func hasUnread(of key: ConversationMember, _ row: PersonalRow) throws -> Bool {
        guard row.joined != nil, row.mayHaveUnread else { return false }
        if row.lastSeenSend > row.readUpTo, try newestIsUnread(of: key, ord: row.lastSeenSend) { return true }
        return try found(of: key, row, upTo: 1) > 0
    }

    private func found(of key: ConversationMember, _ row: PersonalRow, upTo limit: Int) throws -> Int {
        let above = try foundAbove(of: key, row, upTo: limit)
        guard above < limit, row.joined != nil, row.unreadFlags > 0 else { return above }
        try countFlagged.bind(key.member, at: 1)
        try countFlagged.bind(key.conversation, at: 2)
        try countFlagged.bind(row.readUpTo, at: 3)
        try countFlagged.bind(Int64(limit - above), at: 4)
        return above + (try countFlagged.firstRow { Int(countFlagged.int64(0)) } ?? 0)
    }

    private func foundAbove(of key: ConversationMember, _ row: PersonalRow, upTo limit: Int) throws -> Int {
        guard let joined = row.joined, row.lastSeenSend > row.readUpTo else { return 0 }
        if row.readUpTo >= joined { return try found(of: key, above: row.readUpTo, below: row.left, upTo: limit) }
        // Newest interval first; those that ended at or below the marker hold nothing.
        var spans: [(above: Int64, below: Int64?)] = []
        try intervals.bind(key.conversation, at: 1)
        try intervals.bind(key.member, at: 2)
        try intervals.forEachRow {
            spans.append((max(row.readUpTo, intervals.int64(0) - 1), intervals.optionalInt64(1)))
        }
        var found = 0
        for span in spans where found < limit && span.below ?? .max > row.readUpTo {
            found += try self.found(of: key, above: span.above, below: span.below, upTo: limit - found)
        }
        return found
    }

    private func found(of key: ConversationMember, above: Int64, below: Int64?, upTo limit: Int) throws -> Int {
        let statement = try setsAnythingAside(key.member) ? countOthers : count
        try statement.bind(key.conversation, at: 1)
        try statement.bind(above, at: 2)
        try statement.bind(below ?? .max, at: 3)
        try statement.bind(key.member, at: 4)
        try statement.bind(Int64(limit), at: 5)
        return try statement.firstRow { Int(statement.int64(0)) } ?? 0
    }

    private func newestIsUnread(of key: ConversationMember, ord: Int64) throws -> Bool {
        try newest.bind(key.conversation, at: 1)
        try newest.bind(ord, at: 2)
        let message: MessageID? =
            try newest.firstRow {
                try newest.id(1) == key.member || newest.bool(2) ? nil : newest.id(0)
            } ?? nil
        guard let message else { return false }
        guard try setsAnythingAside(key.member) else { return true }
        try setAside.bind(key.member, at: 1)
        try setAside.bind(key.conversation, at: 2)
        try setAside.bind(message, at: 3)
        return try setAside.firstRow { true } == nil
    }

    /// Whether the member hid any message anywhere, or has a legacy copy flagged read.
    func setsAnythingAside(_ member: MemberID) throws -> Bool {
        if let known, known.member == member { return known.setsAnythingAside }
        try anySetAside.bind(member, at: 1)
        let answer = try anySetAside.firstRow { true } ?? false
        known = (member, answer)
        return answer
    }
}
