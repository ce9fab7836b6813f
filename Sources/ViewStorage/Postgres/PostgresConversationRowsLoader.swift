public import Messaging
public import Postgres
import Wire

/// Loads what both views keep of a conversation, one statement a table: ``ConversationRowsLoader`` on PostgreSQL.
///
/// The statements are sent in the pipeline of the view's own (`requests`), and their rows put into the fold (`take`).
public struct PostgresConversationRowsLoader {
    private let conversations: String
    private let hasTitles: Bool

    private static let columns =
        "last_ord, kind, history, closed, participant_count, waiting_count, last_send, big, founder, last_left"
    private static let titleColumns = ", title, title_author, title_command, title_ord"

    /// - Parameter hasTitles: whether the view's `conversation` table keeps titles.
    public init(hasTitles: Bool) {
        self.hasTitles = hasTitles
        conversations = """
            SELECT c.conversation, \(Self.columns)\(hasTitles ? Self.titleColumns : "")
            FROM unnest($1) AS k (conversation) JOIN conversation c ON c.conversation = k.conversation
            """
    }

    private static let memberships = """
        SELECT k.conversation, k.member, p.joined_ord, p.moderator FROM unnest($1, $2) AS k (conversation, member)
        JOIN participant p ON p.conversation = k.conversation AND p.member = k.member AND p.left_ord IS NULL
        """

    private static let intervals = """
        SELECT p.conversation, p.member, p.joined_ord, p.left_ord, p.moderator
        FROM unnest($1, $2) AS k (conversation, member)
        JOIN participant p ON p.conversation = k.conversation AND p.member = k.member
        """
    /// Of all who left after an ord, each member's once.
    private static let departed = """
        SELECT p.conversation, p.member, p.joined_ord, p.left_ord, p.moderator
        FROM (SELECT DISTINCT q.conversation, q.member FROM unnest($1, $2) AS k (conversation, since)
            JOIN participant q ON q.conversation = k.conversation AND q.left_ord > k.since) AS d
        JOIN participant p ON p.conversation = d.conversation AND p.member = d.member
        """

    private static let judged = """
        SELECT k.conversation, k.command FROM unnest($1, $2) AS k (conversation, command)
        JOIN judged j ON j.conversation = k.conversation AND j.command = k.command
        """

    private static let waiting = """
        SELECT k.conversation, k.message, o.ord, o.partition, o.record_offset, o.append_time, o.actor_participates,
            o.actor_moderates, o.record
        FROM unnest($1, $2) AS k (conversation, message)
        JOIN orphan o ON o.conversation = k.conversation AND o.message = k.message
        """

    /// What is asked for, so that what has no row can be told.
    public struct Asked {
        var members: [ConversationMember]
        /// How many answers are this loader's.
        public static let answers = 4
    }

    /// From so many memberships on it pays to ask first which conversations there are: of new ones there are none.
    private static let manyMembers = 1_000

    /// Loads the conversations of a batch with many memberships, which then need not be asked for where the conversation is
    /// new; one round trip, or none.
    public func prepare(
        _ needs: ConversationNeeds, _ connection: PostgresConnection, into fold: inout ConversationFold
    ) throws {
        guard needs.members.count >= Self.manyMembers else { return }
        try take(conversations: connection.run([ask(needs.conversations, fold)])[0], into: &fold)
    }

    /// Adds this loader's statements.
    /// - Parameter assumingNewIDs: see ``PostgresViewDatabase/Transaction/assumesNewIDs``.
    public func ask(
        _ needs: ConversationNeeds, assumingNewIDs: Bool, _ fold: ConversationFold,
        _ requests: inout [PostgresRequest]
    ) -> Asked {
        let members = needs.members.filter { !fold.has($0) }
        let isPrepared = needs.members.count >= Self.manyMembers
        let possible = isPrepared ? members.filter { fold.has($0.conversation) } : members
        requests.append(ask(isPrepared ? [] : needs.conversations, fold))
        requests.append(PostgresRequest(Self.memberships, PostgresKeys(possible).arrays))
        requests.append(PostgresRequest(Self.judged, PostgresKeys(assumingNewIDs ? [] : needs.judged).arrays))
        let awaited = needs.sent.filter { target in
            guard let row = fold.row(of: target.conversation) else { return !isPrepared }
            return row.waitingCount > 0
        }
        requests.append(PostgresRequest(Self.waiting, PostgresKeys(awaited).arrays))
        return Asked(members: members)
    }

    /// The rows of conversations that are not in the state.
    public func ask(_ ids: some Sequence<ConversationID>, _ fold: ConversationFold) -> PostgresRequest {
        PostgresRequest(conversations, PostgresKeys(ids.filter { !fold.has($0) }).arrays)
    }

    /// Puts the answers to ``ask(_:_:_:)`` into the state.
    public func take(_ answers: ArraySlice<PostgresRows>, _ asked: Asked, into fold: inout ConversationFold) throws {
        let first = answers.startIndex
        try take(conversations: answers[first], into: &fold)
        for key in asked.members { fold.load(key, open: nil) }
        let memberships = answers[first + 1]
        for row in 0..<memberships.count {
            let key = ConversationMember(try memberships.id(row, 0), try memberships.id(row, 1))
            let interval = MembershipInterval(
                joined: try memberships.int64(row, 2), left: nil, isModerator: try memberships.bool(row, 3))
            fold.load(key, open: interval)
        }
        let judged = answers[first + 2]
        for row in 0..<judged.count {
            fold.load(judged: ConversationCommand(try judged.id(row, 0), try judged.id(row, 1)))
        }
        let waiting = answers[first + 3]
        // Sorted here: a server that is told not to sort walks a whole index to keep an order.
        let found = try (0..<waiting.count).map { row in
            let target = ConversationMessage(try waiting.id(row, 0), try waiting.id(row, 1))
            return (target: target, command: try Self.command(waiting, row))
        }
        for (target, command) in found.sorted(by: { $0.command.ord < $1.command.ord }) {
            fold.load(target, waiting: command)
        }
    }

    /// What only legacy records need: no round trip where there are none.
    public func loadIntervals(
        _ needs: ConversationNeeds, _ connection: PostgresConnection, into fold: inout ConversationFold
    ) throws {
        let keys = fold.staysToLoad(for: needs)
        let late = fold.lateSends(for: needs)
        var requests: [PostgresRequest] = []
        if !keys.isEmpty { requests.append(PostgresRequest(Self.intervals, PostgresKeys(keys).arrays)) }
        if !late.isEmpty {
            let (conversations, since) = (PostgresArray(.uuid), PostgresArray(.int8))
            for question in late {
                conversations.append(question.conversation)
                since.append(question.since)
            }
            requests.append(PostgresRequest(Self.departed, [conversations, since]))
        }
        guard !requests.isEmpty else { return }
        var all: [ConversationMember: [MembershipInterval]] = [:]
        for key in keys { all[key] = [] }
        for rows in try connection.run(requests) { try take(intervals: rows, into: &all) }
        for (key, intervals) in all { fold.load(key, intervals: intervals.sorted { $0.joined < $1.joined }) }
    }

    private func take(
        intervals rows: PostgresRows, into all: inout [ConversationMember: [MembershipInterval]]
    ) throws {
        var found: [ConversationMember: [MembershipInterval]] = [:]
        for row in 0..<rows.count {
            found[ConversationMember(try rows.id(row, 0), try rows.id(row, 1)), default: []].append(
                MembershipInterval(
                    joined: try rows.int64(row, 2), left: try rows.optionalInt64(row, 3),
                    isModerator: try rows.bool(row, 4)))
        }
        all.merge(found) { _, new in new }
    }

    public func take(conversations rows: PostgresRows, into fold: inout ConversationFold) throws {
        for row in 0..<rows.count { fold.load(try rows.id(row, 0), try conversation(rows, row)) }
    }

    private func conversation(_ rows: PostgresRows, _ index: Int) throws -> ConversationRow {
        var row = ConversationRow()
        row.lastOrd = try rows.int64(index, 1)
        row.kind = rows.isNull(index, 2) ? nil : try rows.word(index, 2)
        row.history = try rows.word(index, 3)
        row.isClosed = try rows.bool(index, 4)
        row.participantCount = try rows.int32(index, 5)
        row.waitingCount = try rows.int32(index, 6)
        row.lastSend = try rows.int64(index, 7)
        row.isBig = try rows.bool(index, 8)
        row.founder = try rows.optionalID(index, 9)
        row.lastLeft = try rows.int64(index, 10)
        if hasTitles, let title = rows.optionalBytes(index, 11) {
            row.title = Title(
                sealed: Sealed(title), author: try rows.id(index, 12), command: try rows.id(index, 13),
                ord: try rows.int64(index, 14))
        }
        return row
    }

    private static func command(_ rows: PostgresRows, _ row: Int) throws -> WaitingCommand {
        let record = try RecordCodec.decode(rows.borrowed(row, 8))
        return WaitingCommand(
            logged: LoggedRecord(
                record: record, partition: try rows.int32(row, 3), offset: try rows.int64(row, 4),
                appendTime: try rows.int64(row, 5)),
            ord: try rows.int64(row, 2), actorParticipates: try rows.bool(row, 6), actorModerates: try rows.bool(row, 7)
        )
    }
}
