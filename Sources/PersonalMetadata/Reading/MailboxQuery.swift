import Messaging
import SQLite
import ViewStorage

/// Pages of a member's mailbox: an index walk, merged with what no index lists, which is little. Page cost depends on neither the mailbox's size nor the depth of the page.
struct MailboxQuery {
    private let small: Statement
    private let smallUnread: Statement
    private let entry: Statement
    private let unread: UnreadQuery
    private let merged: MergedConversationsQuery

    /// What an entry is made of, from `p` (the member's row) and `c` (the conversation's).
    private static let columns = """
        p.conversation, c.kind, c.history, c.closed, c.participant_count, c.last_send,
        CASE WHEN c.kind = 2 THEN (SELECT o.member FROM participant o
            WHERE o.conversation = p.conversation AND o.member <> p.member LIMIT 1) END,
        \(PersonalRowQuery.columnsOfP)
        """

    init(_ connection: Connection, unread: UnreadQuery, merged: MergedConversationsQuery) throws {
        self.unread = unread
        self.merged = merged
        let page = { (condition: String) in
            """
            SELECT \(Self.columns)
            FROM personal_conversation p INDEXED BY mailbox CROSS JOIN conversation c ON c.conversation = p.conversation
            WHERE p.member = ?1 AND p.archived = ?2 AND p.joined IS NOT NULL AND p.placement = 0
                AND p.activity <= ?3 AND (p.activity < ?3 OR p.conversation > ?4) \(condition)
            ORDER BY p.activity DESC, p.conversation LIMIT ?5
            """
        }
        small = try connection.prepare(page(""))
        smallUnread = try connection.prepare(
            page(
                "AND (p.marked > p.last_read OR p.last_seen_send > max(p.read_private, p.read_public, p.own_last)"
                    + " OR p.unread_flags > 0)"))
        entry = try connection.prepare(
            """
            SELECT \(Self.columns) FROM personal_conversation p CROSS JOIN conversation c ON c.conversation = p.conversation
            WHERE p.member = ? AND p.conversation = ?
            """)
    }

    func page(
        of member: MemberID, _ rows: MailboxRows, after place: MailboxPlace?, limit: Int
    ) throws -> [MailboxEntry] {
        guard rows == .unread else {
            return try candidates(of: member, rows, after: place, limit: limit).map { try counted($0, member) }
        }
        let step = max(limit, 64)
        var found: [MailboxEntry] = []
        var place = place
        while found.count < limit {
            let candidates = try candidates(of: member, rows, after: place, limit: step)
            for candidate in candidates where found.count < limit {
                let entry = try counted(candidate, member)
                if entry.unread.count > 0 || entry.row.isMarkedUnread { found.append(entry) }
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
                try append(&entries, of: member, archived: archived, rows, after: place, limit: limit)
            }
            if rows == .all || rows == .unread { entries = Array(entries.sorted { $0.place < $1.place }.prefix(limit)) }
        }
        let last = entries.count < limit ? nil : entries.last?.place
        let merging = try listed(of: member, rows, after: place, before: last).prefix(limit)
        guard !merging.isEmpty else { return entries }
        for place in merging {
            if let entry = try load(ConversationMember(place.conversation, member)) { entries.append(entry) }
        }
        return Array(entries.sorted { $0.place < $1.place }.prefix(limit))
    }

    /// Places of what no index lists, in order, as far as they can be on the page.
    private func listed(
        of member: MemberID, _ rows: MailboxRows, after place: MailboxPlace?, before last: MailboxPlace?
    ) throws -> [MailboxPlace] {
        var recent: [MergedConversation]?
        if let last, place == nil { recent = try merged.recent(of: member, since: last.activity) }
        let conversations = try recent ?? merged.all(of: member)
        return conversations.lazy.filter { candidate in
            if let last, last < candidate.place { return false }
            if let place, candidate.place <= place { return false }
            return rows.include(candidate.row)
        }.map(\.place).sorted()
    }

    private func append(
        _ entries: inout [MailboxEntry], of member: MemberID, archived: Bool, _ rows: MailboxRows,
        after place: MailboxPlace?, limit: Int
    ) throws {
        let statement = rows == .unread ? smallUnread : small
        try statement.bind(member, at: 1)
        try statement.bind(archived, at: 2)
        try statement.bind(place?.activity ?? .max, at: 3)
        // An empty blob is before every id.
        if let place { try statement.bind(place.conversation, at: 4) } else { try statement.bind([UInt8](), at: 4) }
        try statement.bind(Int64(limit), at: 5)
        try statement.forEachRow { entries.append(try Self.entry(statement)) }
    }

    private func load(_ key: ConversationMember) throws -> MailboxEntry? {
        try entry.bind(key.member, at: 1)
        try entry.bind(key.conversation, at: 2)
        return try entry.firstRow { try Self.entry(entry) }
    }

    private func counted(_ entry: MailboxEntry, _ member: MemberID) throws -> MailboxEntry {
        var entry = entry
        entry.unread = try unread.unread(of: ConversationMember(entry.conversation, member), entry.row)
        return entry
    }

    private static func entry(_ statement: Statement) throws -> MailboxEntry {
        let row = try PersonalRowQuery.row(statement, from: 7).merged(lastSend: statement.int64(5))
        return MailboxEntry(
            conversation: try statement.id(0), kind: try statement.word(1), history: try statement.word(2),
            isClosed: statement.bool(3),
            participantCount: Int32(truncatingIfNeeded: statement.int64(4)), other: statement.optionalID(6), row: row,
            unread: UnreadCount(found: 0))
    }
}

extension MailboxRows {
    func include(archived: Bool) -> Bool {
        switch self {
        case .unarchived: !archived
        case .archived: archived
        case .all, .unread: true
        }
    }

    func include(_ row: PersonalRow) -> Bool {
        guard self == .unread else { return include(archived: row.isArchived) }
        return row.isMarkedUnread || row.mayHaveUnread
    }
}
