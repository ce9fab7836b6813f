import Messaging
import Postgres
import ViewStorage

/// Pages of a member's mailbox: an index walk, merged with what no index lists. Page cost depends on neither the mailbox's
/// size nor the depth of the page, but on how many big conversations the member is in.
struct PostgresMailboxQuery {
    private let database: PostgresViewDatabase
    private let unread: PostgresUnreadQuery
    private let merged: PostgresMergedConversations

    init(_ database: PostgresViewDatabase, unread: PostgresUnreadQuery, merged: PostgresMergedConversations) {
        self.database = database
        self.unread = unread
        self.merged = merged
    }

    /// What an entry is made of, from `p` (the member's row) and `c` (the conversation's).
    private static let columns = """
        p.conversation, c.kind, c.history, c.closed, c.participant_count, c.last_send,
        CASE WHEN c.kind = 2 THEN (SELECT o.member FROM participant o
            WHERE o.conversation = p.conversation AND o.member <> p.member LIMIT 1) END,
        \(PersonalRowQuery.columnsOfP)
        """

    private static func page(_ condition: String) -> String {
        """
        SELECT \(columns) FROM personal_conversation p JOIN conversation c ON c.conversation = p.conversation
        WHERE p.member = $1 AND p.archived = $2 AND p.joined IS NOT NULL AND p.placement = 0
            AND p.activity <= $3 AND (p.activity < $3 OR p.conversation > $4) \(condition)
        ORDER BY p.activity DESC, p.conversation LIMIT $5
        """
    }
    private static let indexed = page("")
    private static let indexedUnread = page(
        "AND (p.marked > p.last_read OR p.last_seen_send > greatest(p.read_private, p.read_public, p.own_last)"
            + " OR p.unread_flags > 0)")
    private static let entries = """
        SELECT \(columns) FROM unnest($2) AS k (conversation)
        JOIN personal_conversation p ON p.member = $1 AND p.conversation = k.conversation
        JOIN conversation c ON c.conversation = p.conversation
        """

    func page(
        of member: MemberID, _ rows: MailboxRows, after place: MailboxPlace?, limit: Int
    ) throws -> [MailboxEntry] {
        guard rows == .unread else {
            return try counted(candidates(of: member, rows, after: place, limit: limit), member)
        }
        let step = max(limit, 64)
        var found: [MailboxEntry] = []
        var place = place
        while found.count < limit {
            let candidates = try candidates(of: member, rows, after: place, limit: step)
            for entry in try counted(candidates, member)
            where found.count < limit && (entry.unread.count > 0 || entry.row.isMarkedUnread) {
                found.append(entry)
            }
            guard let last = candidates.last, candidates.count == step else { break }
            place = last.place
        }
        return found
    }

    /// Entries in order, not counted yet; with ``MailboxRows/unread`` more than have anything unread.
    private func candidates(
        of member: MemberID, _ rows: MailboxRows, after place: MailboxPlace?, limit: Int
    ) throws -> [MailboxEntry] {
        var entries: [MailboxEntry] = []
        if try merged.isIndexed(member) {
            for archived in [false, true] where rows.include(archived: archived) {
                let found = try walk(member, archived: archived, rows, after: place, limit: limit)
                entries += try (0..<found.count).map { try Self.entry(found, $0) }
            }
            if rows == .all || rows == .unread { entries = Array(entries.sorted { $0.place < $1.place }.prefix(limit)) }
        }
        let last = entries.count < limit ? nil : entries.last?.place
        let listed = try merged.all(of: member).filter { candidate in
            if let last, last < candidate.place { return false }
            if let place, candidate.place <= place { return false }
            return rows.include(candidate.row)
        }.map(\.place).sorted().prefix(limit)
        guard !listed.isEmpty else { return entries }
        let found = try database.query(Self.entries) {
            $0.add(member)
            $0.add(PostgresKeys(listed.map(\.conversation)).arrays[0])
        }
        entries += try (0..<found.count).map { try Self.entry(found, $0) }
        return Array(entries.sorted { $0.place < $1.place }.prefix(limit))
    }

    private func walk(
        _ member: MemberID, archived: Bool, _ rows: MailboxRows, after place: MailboxPlace?, limit: Int
    ) throws -> PostgresRows {
        try database.query(rows == .unread ? Self.indexedUnread : Self.indexed) {
            $0.add(member)
            $0.add(archived ? 1 : 0)
            // No activity is as great as the greatest number, so no conversation is left out.
            $0.add(place?.activity ?? .max)
            $0.add(place?.conversation ?? ConversationID(.first))
            $0.add(Int64(limit))
        }
    }

    private func counted(_ entries: [MailboxEntry], _ member: MemberID) throws -> [MailboxEntry] {
        let counts = try unread.counts(
            of: member, entries.map { ($0.conversation, $0.row) }, upTo: Limits.unreadCap + 1)
        var entries = entries
        for index in entries.indices { entries[index].unread = UnreadCount(found: counts[index]) }
        return entries
    }

    private static func entry(_ rows: PostgresRows, _ index: Int) throws -> MailboxEntry {
        let row = try PostgresPersonalLoader.row(rows, index, from: 7).merged(lastSend: try rows.int64(index, 5))
        return MailboxEntry(
            conversation: try rows.id(index, 0), kind: try rows.word(index, 1), history: try rows.word(index, 2),
            isClosed: try rows.bool(index, 3), participantCount: try rows.int32(index, 4),
            other: try rows.optionalID(index, 6), row: row, unread: UnreadCount(found: 0))
    }
}
