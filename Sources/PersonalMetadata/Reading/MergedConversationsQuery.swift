import Messaging
import SQLite
import ViewStorage

/// A conversation that a mailbox merges at read time, with as much of the row as decides where and whether it is listed.
struct MergedConversation {
    var conversation: ConversationID
    /// Up to date; what does not decide is left out.
    var row: PersonalRow

    var place: MailboxPlace { MailboxPlace(activity: row.activity, conversation: conversation) }
}

/// Reads the conversations of a member that no index lists: the big ones, to which a message touches one row and not one
/// a member (rule 28), and all those of a small mailbox.
struct MergedConversationsQuery {
    private let isIndexed: Statement
    private let big: Statement
    private let all: Statement

    init(_ connection: Connection) throws {
        isIndexed = try connection.prepare("SELECT indexed FROM member WHERE member = ?")
        let select = { (index: String, condition: String) in
            """
            SELECT p.conversation, c.last_send, p.last_seen_send, p.joined, p.left_ord,
                max(p.read_private, p.read_public, p.own_last), p.marked > p.last_read, p.muted, p.archived_up_to
            FROM personal_conversation p \(index) CROSS JOIN conversation c ON c.conversation = p.conversation
            WHERE p.member = ? AND \(condition)
            """
        }
        big = try connection.prepare(select("INDEXED BY mailbox_big", "p.placement = 1"))
        all = try connection.prepare(select("", "p.placement <> 0 AND p.joined IS NOT NULL"))
    }

    func all(of member: MemberID) throws -> [MergedConversation] {
        try isIndexed.bind(member, at: 1)
        guard let isIndexed = try isIndexed.firstRow({ isIndexed.bool(0) }) else { return [] }
        let statement = isIndexed ? big : all
        try statement.bind(member, at: 1)
        var found: [MergedConversation] = []
        try statement.forEachRow {
            var row = PersonalRow()
            row.lastSeenSend = statement.int64(2)
            row.joined = statement.int64(3)
            row.left = statement.optionalInt64(4)
            row.readPrivate = statement.int64(5)
            row.markedAt = statement.bool(6) ? 1 : 0
            row.isMuted = statement.bool(7)
            row.archivedUpTo = statement.optionalInt64(8)
            found.append(
                MergedConversation(conversation: statement.id(0), row: row.merged(lastSend: statement.int64(1))))
        }
        return found
    }
}
