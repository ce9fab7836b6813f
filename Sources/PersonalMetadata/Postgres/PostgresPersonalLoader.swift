import Messaging
import Postgres
import ViewStorage

/// Loads what a batch needs into the fold: one statement a table, two to five round trips, because who is touched follows
/// from who is inside.
struct PostgresPersonalLoader {
    private let rows = PostgresConversationRowsLoader(hasTitles: false)

    private static let messages = """
        SELECT r.conversation, r.message, r.ord, r.sender, r.deleted FROM unnest($1, $2) AS k (conversation, message)
        JOIN message_ref r ON r.conversation = k.conversation AND r.message = k.message
        """
    /// Of small conversations only: of big ones the list is rarely needed.
    private static let small = """
        SELECT p.conversation, p.member FROM unnest($1) AS k (conversation)
        JOIN conversation c ON c.conversation = k.conversation AND c.big = 0
        JOIN participant p ON p.conversation = c.conversation AND p.left_ord IS NULL
        """
    private static let inside = """
        SELECT p.conversation, p.member FROM unnest($1) AS k (conversation)
        JOIN participant p ON p.conversation = k.conversation AND p.left_ord IS NULL
        """
    private static let waiting = """
        SELECT o.conversation, o.message, o.member, o.member_ord, o.command, o.effect
        FROM unnest($1, $2) AS k (conversation, message)
        JOIN personal_orphan o ON o.conversation = k.conversation AND o.message = k.message
        """
    private static let judged = """
        SELECT k.member, k.command FROM unnest($1, $2) AS k (member, command)
        JOIN member_judged j ON j.member = k.member AND j.command = k.command
        """
    /// `OFFSET 0` keeps the planner from looking for the member first.
    private static let lastReads = """
        SELECT k.member, k.command FROM unnest($1, $2) AS k (member, command)
        JOIN LATERAL (SELECT member FROM personal_conversation WHERE last_read_id = k.command OFFSET 0) p
            ON p.member = k.member
        """
    private static let marks = """
        SELECT m.member, m.conversation, m.message, \(columnsOfM)
        FROM unnest($1, $2, $3) AS k (member, conversation, message)
        JOIN personal_message m ON m.member = k.member AND m.conversation = k.conversation AND m.message = k.message
        """
    static let columnsOfM = "m." + PersonalLoader.markColumns.split(separator: " ").joined(separator: " m.")
    private static let flagged = """
        SELECT m.member, m.conversation, m.message, \(columnsOfM) FROM unnest($1, $2) AS k (member, conversation)
        JOIN personal_message m ON m.member = k.member AND m.conversation = k.conversation AND m.read = 0
        """
    private static let sendBelow = """
        SELECT k.conversation, (SELECT max(r.ord) FROM message_ref r
            WHERE r.conversation = k.conversation AND r.ord < k.below) FROM unnest($1, $2) AS k (conversation, below)
        """
    private static let sendsFrom = """
        SELECT r.conversation, r.ord FROM unnest($1, $2) AS k (conversation, below)
        JOIN message_ref r ON r.conversation = k.conversation AND r.ord >= k.below
        """
    private static let members = members(
        "NOT EXISTS (SELECT FROM personal_conversation p WHERE p.member = m.member AND p.joined IS NULL)")
    /// While a generation is loaded there is no index for that question, and the answer is not needed.
    private static let membersOfLoading = members("false")

    private static func members(_ isOnlyParticipant: String) -> String {
        """
        SELECT m.member, m.last_ord, m.waiting_count, m.dropped_count, m.conversation_count, m.indexed,
            \(isOnlyParticipant)
        FROM unnest($1) AS k (member) JOIN member m ON m.member = k.member
        """
    }
    private static let own = """
        SELECT p.member, p.conversation, \(PersonalRowQuery.columnsOfP) FROM unnest($1, $2) AS k (member, conversation)
        JOIN personal_conversation p ON p.member = k.member AND p.conversation = k.conversation
        """
    private static let mailboxes = """
        SELECT p.member, p.conversation, \(PersonalRowQuery.columnsOfP) FROM unnest($1) AS k (member)
        JOIN personal_conversation p ON p.member = k.member AND p.joined IS NOT NULL
        """

    func load(
        _ needs: PersonalNeeds, _ novelty: BulkNovelty, assumingNewIDs: Bool, _ connection: PostgresConnection,
        into fold: inout PersonalFold
    ) throws {
        if novelty == .conversations {
            fold.loadAsNew(needs)
            try loadMembers(needs, novelty, connection, into: &fold)
            return fold.loadRowsAsNew(needs)
        }
        try loadRecords(needs, novelty, assumingNewIDs, connection, into: &fold)
        let lists = fold.participantsToLoad(for: needs)
        if !lists.isEmpty {
            let answers = try connection.run([PostgresRequest(Self.inside, PostgresKeys(lists).arrays)])
            try take(lists: answers[0], of: lists, into: &fold)
        }
        try loadMembers(needs, novelty, connection, into: &fold)
        let missing = fold.rowsToLoad(after: needs).sorted {
            ($0.member, $0.conversation) < ($1.member, $1.conversation)
        }
        if !missing.isEmpty {
            let keys = PostgresKeys(two: missing) { ($0.member.value, $0.conversation.value) }
            let found = try connection.run([PostgresRequest(Self.own, keys.arrays)])[0]
            for key in missing { fold.load(key, nil as PersonalRow?) }
            for row in 0..<found.count {
                let key = ConversationMember(try found.id(row, 1), try found.id(row, 0))
                fold.load(key, try Self.row(found, row, from: 2))
            }
        }
        let readers = fold.flagsToLoad(for: needs)
        guard !readers.isEmpty else { return }
        let flags = PostgresKeys(two: readers) { ($0.member.value, $0.conversation.value) }
        try take(marks: connection.run([PostgresRequest(Self.flagged, flags.arrays)])[0], into: &fold)
    }

    /// What only legacy records need: no round trip where there are none.
    private func loadLegacy(
        _ needs: PersonalNeeds, _ connection: PostgresConnection, into fold: inout PersonalFold
    ) throws {
        try fold.loadConversations { try rows.loadIntervals(needs.conversations, connection, into: &$0) }
        let questions = fold.conversations.sendsToLoad(for: needs.conversations)
        guard !questions.isEmpty else { return }
        let answers = try connection.run([
            PostgresRequest(Self.sendBelow, Self.keys(of: questions)),
            PostgresRequest(Self.sendsFrom, Self.keys(of: questions.filter(\.isOpen))),
        ])
        for rows in answers {
            for row in 0..<rows.count where !rows.isNull(row, 1) {
                let (conversation, ord) = (try rows.id(row, 0) as ConversationID, try rows.int64(row, 1))
                fold.loadConversations { $0.load(conversation, send: ord) }
            }
        }
    }

    private static func keys(of questions: [ConversationFold.SendsQuestion]) -> [PostgresArray] {
        let (conversations, below) = (PostgresArray(.uuid), PostgresArray(.int8))
        for question in questions {
            conversations.append(question.conversation)
            below.append(question.below)
        }
        return [conversations, below]
    }

    private func loadMembers(
        _ needs: PersonalNeeds, _ novelty: BulkNovelty, _ connection: PostgresConnection, into fold: inout PersonalFold
    ) throws {
        let members = fold.membersToLoad(for: needs)
        if !members.isEmpty {
            let question = novelty == .unknown ? Self.members : Self.membersOfLoading
            let answers = try connection.run([PostgresRequest(question, PostgresKeys(members).arrays)])
            // Whoever has a row of a conversation has one of his own.
            for id in members { fold.load(id, nil as MemberRow?, isOnlyParticipant: true) }
            for row in 0..<answers[0].count {
                fold.load(
                    try answers[0].id(row, 0), try Self.member(answers[0], row),
                    isOnlyParticipant: try answers[0].bool(row, 6))
            }
        }
        try loadMailboxes(fold.mailboxesToLoad(for: needs), connection, into: &fold)
    }

    /// What the records alone name, and lists of participants of small conversations.
    private func loadRecords(
        _ needs: PersonalNeeds, _ novelty: BulkNovelty, _ assumingNewIDs: Bool, _ connection: PostgresConnection,
        into fold: inout PersonalFold
    ) throws {
        try fold.loadConversations { try rows.prepare(needs.conversations, connection, into: &$0) }
        var requests: [PostgresRequest] = []
        let asked = rows.ask(
            needs.conversations, assumingNewIDs: assumingNewIDs, fold.conversations, &requests)
        let messages = assumingNewIDs ? needs.conversations.targets : needs.conversations.messages
        // Of new members nothing was judged or marked; whoever loads them has no index to look by.
        let judged =
            novelty == .members ? [] : needs.judged.sorted { ($0.member, $0.command) < ($1.member, $1.command) }
        let marked = novelty == .members ? [] : needs.marks
        let judgedKeys = PostgresKeys(two: judged) { ($0.member.value, $0.command.value) }.arrays
        // A conversation that is not in the state yet may be small.
        let lists = fold.participantsToLoad(for: needs)
        requests += [
            PostgresRequest(Self.messages, PostgresKeys(messages).arrays),
            PostgresRequest(Self.small, PostgresKeys(lists).arrays),
            PostgresRequest(Self.waiting, PostgresKeys(needs.conversations.sent).arrays),
            PostgresRequest(Self.judged, judgedKeys), PostgresRequest(Self.lastReads, judgedKeys),
            PostgresRequest(Self.marks, Self.keys(of: marked)),
        ]
        let answers = try connection.run(requests)
        let own = PostgresConversationRowsLoader.Asked.answers
        try fold.loadConversations { try rows.take(answers[..<own], asked, into: &$0) }
        try loadLegacy(needs, connection, into: &fold)
        try take(messages: answers[own], into: &fold)
        let small = lists.filter { !(fold.conversations.row(of: $0)?.isBig ?? false) }
        try take(lists: answers[own + 1], of: small, into: &fold)
        try take(waiting: answers[own + 2], into: &fold)
        for found in [answers[own + 3], answers[own + 4]] {
            for row in 0..<found.count {
                fold.load(judged: MemberCommand(try found.id(row, 0), try found.id(row, 1)))
            }
        }
        try take(marks: answers[own + 5], into: &fold)
    }

    private func loadMailboxes(
        _ members: [MemberID], _ connection: PostgresConnection, into fold: inout PersonalFold
    ) throws {
        guard !members.isEmpty else { return }
        let found = try connection.run([PostgresRequest(Self.mailboxes, PostgresKeys(members).arrays)])[0]
        var mailboxes: [MemberID: [ConversationID]] = [:]
        var conversations: Set<ConversationID> = []
        for row in 0..<found.count {
            let key = ConversationMember(try found.id(row, 1), try found.id(row, 0))
            mailboxes[key.member, default: []].append(key.conversation)
            conversations.insert(key.conversation)
            if !fold.has(key) { fold.load(key, try Self.row(found, row, from: 2)) }
        }
        for member in members { fold.load(member, mailbox: mailboxes[member] ?? []) }
        let answers = try connection.run([rows.ask(conversations, fold.conversations)])
        try fold.loadConversations { try rows.take(conversations: answers[0], into: &$0) }
    }

    private func take(messages rows: PostgresRows, into fold: inout PersonalFold) throws {
        let none = Identifier(high: 0, low: 0)
        for index in 0..<rows.count {
            let key = ConversationMessage(try rows.id(index, 0), try rows.id(index, 1))
            let sender: MemberID = try rows.id(index, 3)
            // What a copy carries is judged by the shared view; here a copy changes nothing whatever it carries.
            var row = MessageRow(
                ord: try rows.int64(index, 2), sender: sender, original: CommandID(none), current: nil,
                digest: PayloadDigest(none), replyTo: nil, sentAt: nil, content: nil, keyGenerations: 0)
            if try rows.bool(index, 4) { row.tombstone = Tombstone(by: sender, ord: row.ord, reason: nil) }
            fold.loadConversations { $0.load(key, row) }
        }
    }

    /// - Parameter ids: all that were asked for; one without rows has nobody inside.
    private func take(lists rows: PostgresRows, of ids: [ConversationID], into fold: inout PersonalFold) throws {
        var lists: [ConversationID: [MemberID]] = [:]
        for row in 0..<rows.count { lists[try rows.id(row, 0), default: []].append(try rows.id(row, 1)) }
        for id in ids { fold.load(id, participants: lists[id] ?? []) }
    }

    private func take(waiting rows: PostgresRows, into fold: inout PersonalFold) throws {
        let found = try (0..<rows.count).map { row in
            let command = WaitingPersonal(
                member: try rows.id(row, 2), memberOrd: try rows.int64(row, 3), id: try rows.id(row, 4),
                effect: try rows.word(row, 5))
            return (target: ConversationMessage(try rows.id(row, 0), try rows.id(row, 1)), command: command)
        }
        // The order in which they were sent, as a member's own commands have it.
        let inOrder = found.sorted {
            ($0.command.member, $0.command.memberOrd) < ($1.command.member, $1.command.memberOrd)
        }
        for (target, command) in inOrder { fold.load(target, waiting: command) }
    }

    private func take(marks rows: PostgresRows, into fold: inout PersonalFold) throws {
        for row in 0..<rows.count {
            let target = ConversationMessage(try rows.id(row, 1), try rows.id(row, 2))
            fold.load(PersonalMessageKey(try rows.id(row, 0), target), try Self.mark(rows, row, from: 3))
        }
    }

    private static func keys(of marks: Set<PersonalMessageKey>) -> [PostgresArray] {
        let columns = [PostgresArray(.uuid), PostgresArray(.uuid), PostgresArray(.uuid)]
        for key in marks {
            columns[0].append(key.member)
            columns[1].append(key.target.conversation)
            columns[2].append(key.target.message)
        }
        return columns
    }

    private static func member(_ rows: PostgresRows, _ index: Int) throws -> MemberRow {
        var row = MemberRow()
        row.lastOrd = try rows.int64(index, 1)
        row.waitingCount = try rows.int32(index, 2)
        row.droppedCount = try rows.int64(index, 3)
        row.conversationCount = try rows.int32(index, 4)
        row.isIndexed = try rows.bool(index, 5)
        return row
    }

    /// - Parameter first: where the columns of ``PersonalLoader/markColumns`` begin.
    static func mark(_ rows: PostgresRows, _ index: Int, from first: Int) throws -> PersonalMessageRow {
        var row = PersonalMessageRow()
        row.isStarred = try rows.bool(index, first)
        row.starredAt = try rows.int64(index, first + 1)
        row.isHidden = try rows.bool(index, first + 2)
        row.hiddenAt = try rows.int64(index, first + 3)
        row.readFlag = rows.isNull(index, first + 4) ? nil : try rows.bool(index, first + 4)
        row.flaggedAt = try rows.int64(index, first + 5)
        row.ord = try rows.int64(index, first + 6)
        return row
    }

    /// - Parameter first: where the columns of ``PersonalRowQuery`` begin in the result.
    static func row(_ rows: PostgresRows, _ index: Int, from first: Int) throws -> PersonalRow {
        var row = PersonalRow()
        row.readPrivate = try rows.int64(index, first)
        row.readPublic = try rows.int64(index, first + 1)
        row.ownLast = try rows.int64(index, first + 2)
        row.lastRead = try rows.int64(index, first + 3)
        row.lastReadID = try rows.optionalID(index, first + 4)
        row.markedAt = try rows.int64(index, first + 5)
        row.isMuted = try rows.bool(index, first + 6)
        row.mutedAt = try rows.int64(index, first + 7)
        row.archivedUpTo = try rows.optionalInt64(index, first + 8)
        row.archivedAt = try rows.int64(index, first + 9)
        row.joined = try rows.optionalInt64(index, first + 10)
        row.left = try rows.optionalInt64(index, first + 11)
        row.lastSeenSend = try rows.int64(index, first + 12)
        row.placement = try rows.word(index, first + 13)
        row.unreadFlags = Int32(truncatingIfNeeded: try rows.int64(index, first + 14))
        row.reads = try rows.optionalBytes(index, first + 15).map(ReadReach.list(from:))
        return row
    }
}
