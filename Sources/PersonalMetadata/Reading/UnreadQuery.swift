import Messaging
import SQLite
import ViewStorage

/// Counts unread messages (rule 25): live, not the member's own, not hidden, inside the member's intervals, above the
/// marker. Never further than it has to.
final class UnreadQuery {
    private let newest: Statement
    private let count: Statement
    private let countUnhidden: Statement
    private let intervals: Statement
    private let anyHide: Statement
    private let hides: Statement
    /// Of the member asked for last, in the transaction at hand: most members hide nothing.
    private var hider: (member: MemberID, hidesAnything: Bool)?

    init(_ connection: Connection) throws {
        newest = try connection.prepare(
            "SELECT message, sender, deleted FROM message_ref WHERE conversation = ? AND ord = ?")
        let live = """
            FROM message_ref r WHERE r.conversation = ?1 AND r.ord > ?2 AND r.ord < ?3 AND r.deleted = 0 AND r.sender <> ?4
            """
        count = try connection.prepare("SELECT count(*) FROM (SELECT 1 \(live) LIMIT ?5)")
        countUnhidden = try connection.prepare(
            """
            SELECT count(*) FROM (SELECT 1 \(live) AND NOT EXISTS (SELECT 1 FROM personal_message m
                WHERE m.member = ?4 AND m.conversation = ?1 AND m.message = r.message AND m.hidden = 1) LIMIT ?5)
            """)
        intervals = try connection.prepare(
            "SELECT joined_ord, left_ord FROM participant WHERE conversation = ? AND member = ? ORDER BY joined_ord DESC"
        )
        anyHide = try connection.prepare(
            "SELECT 1 FROM personal_message INDEXED BY personal_message_hidden WHERE member = ? AND hidden = 1 LIMIT 1")
        hides = try connection.prepare(
            "SELECT 1 FROM personal_message WHERE member = ? AND conversation = ? AND message = ? AND hidden = 1")
    }

    /// Forgets what belongs to the last transaction.
    func begin() { hider = nil }

    /// - Parameter row: the member's, up to date.
    func unread(of key: ConversationMember, _ row: PersonalRow) throws -> UnreadCount {
        UnreadCount(found: try found(of: key, row, upTo: Limits.unreadCap + 1))
    }

    /// Whether there is any: mostly one look at the newest message.
    func hasUnread(of key: ConversationMember, _ row: PersonalRow) throws -> Bool {
        guard row.joined != nil, row.lastSeenSend > row.readUpTo else { return false }
        return try newestIsUnread(of: key, ord: row.lastSeenSend) || found(of: key, row, upTo: 1) > 0
    }

    private func found(of key: ConversationMember, _ row: PersonalRow, upTo limit: Int) throws -> Int {
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
        let statement = try hidesAnything(key.member) ? countUnhidden : count
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
        guard try hidesAnything(key.member) else { return true }
        try hides.bind(key.member, at: 1)
        try hides.bind(key.conversation, at: 2)
        try hides.bind(message, at: 3)
        return try hides.firstRow { true } == nil
    }

    /// Whether the member hid any message anywhere.
    func hidesAnything(_ member: MemberID) throws -> Bool {
        if let hider, hider.member == member { return hider.hidesAnything }
        try anyHide.bind(member, at: 1)
        let answer = try anyHide.firstRow { true } ?? false
        hider = (member, answer)
        return answer
    }
}
