import Messaging
import Postgres
import ViewStorage

/// Reads the conversations of a member that no index lists: the big ones, to which a message touches one row and not one
/// a member (rule 28), and all those of a small mailbox.
final class PostgresMergedConversations {
    private let database: PostgresViewDatabase
    /// Of the member asked for last, in the transaction at hand: page and badge both need them.
    private var known: (member: MemberID, isIndexed: Bool, conversations: [MergedConversation]?)?

    init(_ database: PostgresViewDatabase) { self.database = database }

    /// Forgets what belongs to the last transaction.
    func begin() { known = nil }

    /// Whether the mailbox index lists the member's conversations, but for the big ones.
    func isIndexed(_ member: MemberID) throws -> Bool {
        if let known, known.member == member { return known.isIndexed }
        let rows = try database.query("SELECT indexed FROM member WHERE member = $1") { $0.add(member) }
        let isIndexed = rows.count > 0 ? try rows.bool(0, 0) : false
        known = (member, isIndexed, nil)
        return isIndexed
    }

    private static let columns = """
        SELECT c.conversation, c.last_send, p.last_seen_send, p.joined, p.left_ord,
            greatest(p.read_private, p.read_public, p.own_last), p.marked > p.last_read, p.muted, p.archived_up_to,
            p.unread_flags
        FROM personal_conversation p JOIN conversation c ON c.conversation = p.conversation
        WHERE p.member = $1 AND p.joined IS NOT NULL
        """
    /// An index lists just these.
    private static let big = columns + " AND p.placement = 1"
    /// Of a small mailbox: the rows of one member, of which there are few.
    private static let merged = columns + " AND p.placement <> 0"

    /// In no order.
    func all(of member: MemberID) throws -> [MergedConversation] {
        let isIndexed = try isIndexed(member)
        if let conversations = known?.conversations { return conversations }
        let rows = try database.query(isIndexed ? Self.big : Self.merged) { $0.add(member) }
        let found = try (0..<rows.count).map { try Self.conversation(rows, $0) }
        known?.conversations = found
        return found
    }

    private static func conversation(_ rows: PostgresRows, _ index: Int) throws -> MergedConversation {
        var row = PersonalRow()
        row.lastSeenSend = try rows.int64(index, 2)
        row.joined = try rows.int64(index, 3)
        row.left = try rows.optionalInt64(index, 4)
        row.readPrivate = try rows.int64(index, 5)
        row.markedAt = try rows.bool(index, 6) ? 1 : 0
        row.isMuted = try rows.bool(index, 7)
        row.archivedUpTo = try rows.optionalInt64(index, 8)
        row.unreadFlags = Int32(truncatingIfNeeded: try rows.int64(index, 9))
        row = row.merged(lastSend: try rows.int64(index, 1))
        return MergedConversation(
            place: MailboxPlace(activity: row.activity, conversation: try rows.id(index, 0)), row: row)
    }
}
