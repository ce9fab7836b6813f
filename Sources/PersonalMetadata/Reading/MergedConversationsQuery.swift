import Messaging
import SQLite
import ViewStorage

/// A conversation that a mailbox merges at read time, with as much of the row as decides where and whether it is listed.
struct MergedConversation {
    var place: MailboxPlace
    /// Up to date; what does not decide is left out.
    var row: PersonalRow
}

/// Reads the conversations of a member that no index lists: the big ones, to which a message touches one row and not one
/// a member (rule 28), and all those of a small mailbox.
final class MergedConversationsQuery {
    private let indexed: Statement
    private let big: Statement
    private let all: Statement
    private let newest: Statement
    /// Of the member asked for last, in the transaction at hand: page and badge both need them.
    private var known: (member: MemberID, isIndexed: Bool, conversations: [MergedConversation]?)?

    /// Big conversations of everybody looked at before the member's own are gone through instead.
    private static let looks = 32

    init(_ connection: Connection) throws {
        indexed = try connection.prepare("SELECT indexed FROM member WHERE member = ?")
        let columns = """
            c.conversation, c.last_send, p.last_seen_send, p.joined, p.left_ord,
            max(p.read_private, p.read_public, p.own_last), p.marked > p.last_read, p.muted, p.archived_up_to, p.unread_flags
            """
        big = try connection.prepare(
            """
            SELECT \(columns) FROM personal_conversation p INDEXED BY mailbox_big
            CROSS JOIN conversation c INDEXED BY conversation_big_send ON c.conversation = p.conversation AND c.big = 1
            WHERE p.member = ? AND p.placement = 1
            """)
        all = try connection.prepare(
            """
            SELECT \(columns) FROM personal_conversation p
            CROSS JOIN conversation c ON c.conversation = p.conversation
            WHERE p.member = ? AND p.placement <> 0 AND p.joined IS NOT NULL
            """)
        newest = try connection.prepare(
            """
            SELECT \(columns) FROM conversation c INDEXED BY conversation_big_ord
            LEFT JOIN personal_conversation p INDEXED BY mailbox_big
                ON p.member = ?1 AND p.conversation = c.conversation AND p.placement = 1
            WHERE c.big = 1 AND c.last_ord >= ?2 ORDER BY c.last_ord DESC LIMIT ?3
            """)
    }

    /// Forgets what belongs to the last transaction.
    func begin() { known = nil }

    /// Whether the mailbox index lists the member's conversations, but for the big ones.
    func isIndexed(_ member: MemberID) throws -> Bool {
        if let known, known.member == member { return known.isIndexed }
        try indexed.bind(member, at: 1)
        let isIndexed = try indexed.firstRow { indexed.bool(0) } ?? false
        known = (member, isIndexed, nil)
        return isIndexed
    }

    /// In no order.
    func all(of member: MemberID) throws -> [MergedConversation] {
        let isIndexed = try isIndexed(member)
        if let conversations = known?.conversations { return conversations }
        let statement = isIndexed ? big : all
        try statement.bind(member, at: 1)
        var found: [MergedConversation] = []
        try statement.forEachRow { found.append(try Self.conversation(statement)) }
        known?.conversations = found
        return found
    }

    /// Those of an indexed mailbox that may have been active at an ord or later, without going through all of them.
    /// - Returns: `nil` when so many of everybody's were that going through the member's is no slower.
    func recent(of member: MemberID, since ord: Int64) throws -> [MergedConversation]? {
        try newest.bind(member, at: 1)
        try newest.bind(ord, at: 2)
        try newest.bind(Int64(Self.looks), at: 3)
        var looks = 0
        var found: [MergedConversation] = []
        try newest.forEachRow {
            looks += 1
            if !newest.isNull(3) { found.append(try Self.conversation(newest)) }
        }
        return looks < Self.looks ? found : nil
    }

    private static func conversation(_ statement: Statement) throws -> MergedConversation {
        var row = PersonalRow()
        row.lastSeenSend = statement.int64(2)
        row.joined = statement.int64(3)
        row.left = statement.optionalInt64(4)
        row.readPrivate = statement.int64(5)
        row.markedAt = statement.bool(6) ? 1 : 0
        row.isMuted = statement.bool(7)
        row.archivedUpTo = statement.optionalInt64(8)
        row.unreadFlags = Int32(truncatingIfNeeded: statement.int64(9))
        row = row.merged(lastSend: statement.int64(1))
        return MergedConversation(
            place: MailboxPlace(activity: row.activity, conversation: try statement.id(0)), row: row)
    }
}
