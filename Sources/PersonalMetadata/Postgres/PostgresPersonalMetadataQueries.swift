public import EventLog
public import Messaging
public import Postgres
public import ViewStorage

/// Reads the personal-metadata view in PostgreSQL, over a connection of its own, which may be a role's that only reads.
public final class PostgresPersonalMetadataQueries: PersonalMetadataQueries {
    public let database: PostgresViewDatabase
    private let mailbox: PostgresMailboxQuery
    private let badge: PostgresBadgeQuery
    private let merged: PostgresMergedConversations

    /// - Throws: `ProjectionError`; `missing` when no projector has made the view yet.
    public init(address: PostgresAddress) throws {
        database = try PostgresViewDatabase(address, definition: PersonalMetadataSchema.postgres, access: .read)
        merged = PostgresMergedConversations(database)
        let unread = PostgresUnreadQuery(database)
        mailbox = PostgresMailboxQuery(database, unread: unread, merged: merged)
        badge = PostgresBadgeQuery(database, unread: unread, merged: merged)
    }

    public func read<Result>(_ body: () throws -> Result) throws -> Result {
        merged.begin()
        return try database.read(body)
    }

    public var isMade: Bool { true }
    public var isCurrent: Bool { get throws { try database.isCurrent } }
    public var generation: Int64 { database.generation }
    public func positions() throws -> [TopicPartition: Int64] { try database.positions() }
    public func leases() throws -> [LeaseRow] { try database.leases() }
    public func parkedCounts() throws -> [TopicPartition: Int64] { try database.parkedCounts() }

    public func mailbox(
        of member: MemberID, _ rows: MailboxRows, after place: MailboxPlace?, limit: Int
    ) throws -> [MailboxEntry] {
        try mailbox.page(of: member, rows, after: place, limit: limit)
    }

    public func badge(of member: MemberID, cap: Int) throws -> Int { try badge.count(of: member, cap: cap) }

    public func row(of key: ConversationMember) throws -> PersonalRow? {
        let rows = try database.query(
            """
            SELECT c.last_send, \(PersonalRowQuery.columnsOfP) FROM personal_conversation p
            LEFT JOIN conversation c ON c.conversation = p.conversation WHERE p.member = $1 AND p.conversation = $2
            """
        ) {
            $0.add(key.member)
            $0.add(key.conversation)
        }
        guard rows.count > 0 else { return nil }
        let row = try PostgresPersonalLoader.row(rows, 0, from: 1)
        return row.joined == nil ? nil : row.merged(lastSend: try rows.optionalInt64(0, 0) ?? 0)
    }

    public func marks(of key: ConversationMember, messages: [MessageID]) throws -> [PersonalMessageRow] {
        guard !messages.isEmpty else { return [] }
        let (ids, numbers) = (PostgresArray(.uuid), PostgresArray(.int8))
        for (number, message) in messages.enumerated() {
            ids.append(message)
            numbers.append(Int64(number))
        }
        let rows = try database.query(
            """
            SELECT k.number, \(PostgresPersonalLoader.columnsOfM) FROM unnest($3, $4) AS k (message, number)
            JOIN personal_message m ON m.member = $1 AND m.conversation = $2 AND m.message = k.message
            """
        ) {
            $0.add(key.member)
            $0.add(key.conversation)
            $0.add(ids)
            $0.add(numbers)
        }
        var marks = [PersonalMessageRow](repeating: PersonalMessageRow(), count: messages.count)
        for row in 0..<rows.count {
            marks[Int(try rows.int64(row, 0))] = try PostgresPersonalLoader.mark(rows, row, from: 1)
        }
        return marks
    }

    public func stars(of member: MemberID, after place: StarPlace?, limit: Int) throws -> [StarPlace] {
        let rows = try database.query(
            """
            SELECT r.ord, p.conversation, p.message FROM personal_message p
            JOIN message_ref r ON r.conversation = p.conversation AND r.message = p.message
            WHERE p.member = $1 AND p.starred = 1 AND p.hidden = 0 AND r.deleted = 0
                AND (r.ord < $2 OR (r.ord = $2 AND (p.message, p.conversation) > ($3, $4)))
            ORDER BY r.ord DESC, p.message, p.conversation LIMIT $5
            """
        ) {
            $0.add(member)
            $0.add(place?.ord ?? .max)
            $0.add(place?.target.message ?? MessageID(.first))
            $0.add(place?.target.conversation ?? ConversationID(.first))
            $0.add(Int64(limit))
        }
        return try (0..<rows.count).map { row in
            StarPlace(
                ord: try rows.int64(row, 0), target: ConversationMessage(try rows.id(row, 1), try rows.id(row, 2)))
        }
    }

    public func receipts(of conversation: ConversationID, after member: MemberID?, limit: Int) throws -> [Receipt] {
        let rows = try database.query(
            """
            SELECT p.member, r.read_public FROM participant p
            LEFT JOIN personal_conversation r ON r.member = p.member AND r.conversation = p.conversation
            WHERE p.conversation = $1 AND p.member \(member == nil ? ">=" : ">") $2 AND p.left_ord IS NULL
            ORDER BY p.member LIMIT $3
            """
        ) {
            $0.add(conversation)
            $0.add(member ?? MemberID(.first))
            $0.add(Int64(limit))
        }
        return try (0..<rows.count).map { row in
            let marker = try rows.optionalInt64(row, 1) ?? -1
            return Receipt(member: try rows.id(row, 0), readUpTo: marker >= 0 ? marker : nil)
        }
    }

    public func lastOrd(of conversation: ConversationID) throws -> Int64? {
        let rows = try database.query("SELECT last_ord FROM conversation WHERE conversation = $1") {
            $0.add(conversation)
        }
        return rows.count > 0 ? try rows.int64(0, 0) : nil
    }

    public func waitingCounts(partitionOf: (MemberID) -> TopicPartition) throws -> [TopicPartition: Int64] {
        var counts = try database.orphanCounts()
        let rows = try database.query("SELECT member, count(*) FROM personal_orphan GROUP BY member")
        for row in 0..<rows.count {
            counts[partitionOf(try rows.id(row, 0)), default: 0] += try rows.int64(row, 1)
        }
        return counts
    }

    public func dump(_ body: ([UInt8]) throws -> Void) throws {
        try database.dump(PersonalMetadataSchema.canonical, body)
    }
}
