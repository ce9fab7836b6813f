import Messaging
import SQLite
import ViewStorage

/// Loads what a batch needs into the fold. Keys are looked up in order, so that neighbours share pages.
struct PersonalLoader {
    private let rows: ConversationRowsLoader
    private let message: Statement
    private let participants: Statement
    private let member: Statement
    private let mailbox: Statement
    private let row: PersonalRowQuery
    private let judged: Statement
    private let lastRead: Statement
    private let mark: Statement
    private let flagged: Statement
    private let sendBelow: Statement
    private let sendsFrom: Statement
    private let anyWaiting: Statement
    private let waiting: Statement

    init(_ connection: Connection) throws {
        rows = try ConversationRowsLoader(connection, hasTitles: false)
        message = try connection.prepare(
            "SELECT ord, sender, deleted FROM message_ref WHERE conversation = ? AND message = ?")
        participants = try connection.prepare(
            "SELECT member FROM participant WHERE conversation = ? AND left_ord IS NULL")
        member = try connection.prepare(
            "SELECT last_ord, waiting_count, dropped_count, conversation_count, indexed FROM member WHERE member = ?")
        mailbox = try connection.prepare(
            "SELECT conversation FROM personal_conversation WHERE member = ? AND joined IS NOT NULL")
        row = try PersonalRowQuery(connection)
        judged = try connection.prepare("SELECT 1 FROM member_judged WHERE member = ? AND command = ?")
        lastRead = try connection.prepare(
            "SELECT 1 FROM personal_conversation WHERE member = ? AND last_read_id = ? AND last_read_id IS NOT NULL")
        mark = try connection.prepare(
            """
            SELECT \(Self.markColumns) FROM personal_message WHERE member = ? AND conversation = ? AND message = ?
            """)
        flagged = try connection.prepare(
            """
            SELECT \(Self.markColumns), message FROM personal_message
            WHERE member = ? AND conversation = ? AND read = 0
            """)
        sendBelow = try connection.prepare("SELECT max(ord) FROM message_ref WHERE conversation = ? AND ord < ?")
        sendsFrom = try connection.prepare("SELECT ord FROM message_ref WHERE conversation = ? AND ord >= ?")
        anyWaiting = try connection.prepare("SELECT 1 FROM personal_orphan LIMIT 1")
        waiting = try connection.prepare(
            """
            SELECT member, member_ord, command, effect FROM personal_orphan WHERE conversation = ? AND message = ?
            ORDER BY member, member_ord
            """)
    }

    static let markColumns = "starred, starred_ord, hidden, hidden_ord, read, flagged, ord"

    func load(_ needs: PersonalNeeds, _ novelty: BulkNovelty, into fold: inout PersonalFold) throws {
        if novelty == .conversations {
            fold.loadAsNew(needs)
            try loadMembers(needs, into: &fold)
            return fold.loadRowsAsNew(needs)
        }
        try fold.loadConversations { conversations in
            try rows.load(needs.conversations, into: &conversations)
            for key in sorted(needs.conversations.messages) {
                if let row = try messageRow(key) { conversations.load(key, row) }
            }
            for question in conversations.sendsToLoad(for: needs.conversations) {
                for ord in try sends(question) { conversations.load(question.conversation, send: ord) }
            }
        }
        for id in fold.participantsToLoad(for: needs).sorted() { fold.load(id, participants: try inside(id)) }
        try loadWaiting(needs, into: &fold)
        try loadMembers(needs, into: &fold)
        let missing = fold.rowsToLoad(after: needs)
        for key in missing.sorted(by: { ($0.member, $0.conversation) < ($1.member, $1.conversation) }) {
            fold.load(key, try row.row(key))
        }
        if novelty == .members { return }
        for id in needs.judged.sorted(by: { ($0.member, $0.command) < ($1.member, $1.command) })
        where try isJudged(id) {
            fold.load(judged: id)
        }
        for key in needs.marks { if let row = try markRow(key) { fold.load(key, row) } }
        for key in fold.flagsToLoad(for: needs) {
            try flagged.bind(key.member, at: 1)
            try flagged.bind(key.conversation, at: 2)
            try flagged.forEachRow {
                let target = ConversationMessage(key.conversation, try flagged.id(7))
                fold.load(PersonalMessageKey(key.member, target), Self.mark(flagged))
            }
        }
    }

    private func sends(_ question: ConversationFold.SendsQuestion) throws -> [Int64] {
        var found: [Int64] = []
        for statement in question.isOpen ? [sendBelow, sendsFrom] : [sendBelow] {
            try statement.bind(question.conversation, at: 1)
            try statement.bind(question.below, at: 2)
            try statement.forEachRow { if let ord = statement.optionalInt64(0) { found.append(ord) } }
        }
        return found
    }

    private func loadMembers(_ needs: PersonalNeeds, into fold: inout PersonalFold) throws {
        for id in fold.membersToLoad(for: needs) { fold.load(id, try memberRow(id)) }
        for id in fold.mailboxesToLoad(for: needs) { try loadMailbox(of: id, into: &fold) }
    }

    private func messageRow(_ key: ConversationMessage) throws -> MessageRow? {
        try message.bind(key.conversation, at: 1)
        try message.bind(key.message, at: 2)
        defer { message.reset() }
        guard try message.step() else { return nil }
        let sender: MemberID = try message.id(1)
        let none = Identifier(high: 0, low: 0)
        // What a copy carries is judged by the shared view; here a copy changes nothing whatever it carries.
        var row = MessageRow(
            ord: message.int64(0), sender: sender, original: CommandID(none), current: nil, digest: PayloadDigest(none),
            replyTo: nil, sentAt: nil, content: nil, keyGenerations: 0)
        if message.bool(2) { row.tombstone = Tombstone(by: sender, ord: row.ord, reason: nil) }
        return row
    }

    private func inside(_ id: ConversationID) throws -> [MemberID] {
        try participants.bind(id, at: 1)
        defer { participants.reset() }
        var members: [MemberID] = []
        while try participants.step() { members.append(try participants.id(0)) }
        return members
    }

    private func memberRow(_ id: MemberID) throws -> MemberRow? {
        try member.bind(id, at: 1)
        defer { member.reset() }
        guard try member.step() else { return nil }
        var row = MemberRow()
        row.lastOrd = member.int64(0)
        row.waitingCount = Int32(truncatingIfNeeded: member.int64(1))
        row.droppedCount = member.int64(2)
        row.conversationCount = Int32(truncatingIfNeeded: member.int64(3))
        row.isIndexed = member.bool(4)
        return row
    }

    private func loadMailbox(of id: MemberID, into fold: inout PersonalFold) throws {
        try mailbox.bind(id, at: 1)
        defer { mailbox.reset() }
        var all: [ConversationID] = []
        while try mailbox.step() { all.append(try mailbox.id(0)) }
        fold.load(id, mailbox: all)
        try fold.loadConversations { try rows.load(all, into: &$0) }
        for conversation in all {
            let key = ConversationMember(conversation, id)
            if !fold.has(key) { fold.load(key, try row.row(key)) }
        }
    }

    private func isJudged(_ id: MemberCommand) throws -> Bool {
        for statement in [judged, lastRead] {
            try statement.bind(id.member, at: 1)
            try statement.bind(id.command, at: 2)
            defer { statement.reset() }
            if try statement.step() { return true }
        }
        return false
    }

    private func markRow(_ key: PersonalMessageKey) throws -> PersonalMessageRow? {
        try mark.bind(key.member, at: 1)
        try mark.bind(key.target.conversation, at: 2)
        try mark.bind(key.target.message, at: 3)
        defer { mark.reset() }
        return try mark.step() ? Self.mark(mark) : nil
    }

    /// From ``markColumns``, which come first.
    static func mark(_ statement: Statement) -> PersonalMessageRow {
        var row = PersonalMessageRow()
        row.isStarred = statement.bool(0)
        row.starredAt = statement.int64(1)
        row.isHidden = statement.bool(2)
        row.hiddenAt = statement.int64(3)
        row.readFlag = statement.isNull(4) ? nil : statement.bool(4)
        row.flaggedAt = statement.int64(5)
        row.ord = statement.int64(6)
        return row
    }

    private func loadWaiting(_ needs: PersonalNeeds, into fold: inout PersonalFold) throws {
        guard !needs.conversations.sent.isEmpty else { return }
        defer { anyWaiting.reset() }
        guard try anyWaiting.step() else { return }
        for key in sorted(needs.conversations.sent) {
            try waiting.bind(key.conversation, at: 1)
            try waiting.bind(key.message, at: 2)
            defer { waiting.reset() }
            while try waiting.step() {
                let effect: WaitingPersonal.Effect = try waiting.word(3)
                fold.load(
                    key,
                    waiting: WaitingPersonal(
                        member: try waiting.id(0), memberOrd: waiting.int64(1), id: try waiting.id(2), effect: effect))
            }
        }
    }
}

/// Reads one row of `personal_conversation`; shared by the projector and the queries.
struct PersonalRowQuery {
    static let columns = """
        read_private, read_public, own_last, last_read, last_read_id, marked, muted, muted_ord, archived_up_to, archived_ord, \
        joined, left_ord, last_seen_send, placement, unread_flags, reads
        """
    /// ``columns`` of the table that a query calls `p`.
    static let columnsOfP = "p." + columns.split(separator: " ").joined(separator: " p.")
    private let statement: Statement

    init(_ connection: Connection) throws {
        statement = try connection.prepare(
            "SELECT \(Self.columns) FROM personal_conversation WHERE member = ? AND conversation = ?")
    }

    func row(_ key: ConversationMember) throws -> PersonalRow? {
        try statement.bind(key.member, at: 1)
        try statement.bind(key.conversation, at: 2)
        defer { statement.reset() }
        return try statement.step() ? Self.row(statement, from: 0) : nil
    }

    /// - Parameter first: where ``columns`` begin in the result.
    static func row(_ statement: Statement, from first: Int) throws -> PersonalRow {
        var row = PersonalRow()
        row.readPrivate = statement.int64(first)
        row.readPublic = statement.int64(first + 1)
        row.ownLast = statement.int64(first + 2)
        row.lastRead = statement.int64(first + 3)
        row.lastReadID = statement.optionalID(first + 4)
        row.markedAt = statement.int64(first + 5)
        row.isMuted = statement.bool(first + 6)
        row.mutedAt = statement.int64(first + 7)
        row.archivedUpTo = statement.optionalInt64(first + 8)
        row.archivedAt = statement.int64(first + 9)
        row.joined = statement.optionalInt64(first + 10)
        row.left = statement.optionalInt64(first + 11)
        row.lastSeenSend = statement.int64(first + 12)
        row.placement = try statement.word(first + 13)
        row.unreadFlags = Int32(truncatingIfNeeded: statement.int64(first + 14))
        row.reads = try statement.optionalBytes(first + 15).map(ReadReach.list(from:))
        return row
    }
}
