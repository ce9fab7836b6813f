public import EventLog
public import Messaging
import SQLite
public import ViewStorage

/// Reads the personal-metadata view in a SQLite file, over a connection of its own.
public final class SQLitePersonalMetadataQueries: PersonalMetadataQueries {
    public let database: ViewDatabase
    private let mailbox: MailboxQuery
    private let badge: BadgeQuery
    private let merged: MergedConversationsQuery
    private let unread: UnreadQuery
    private let rows: PersonalRowQuery
    private let conversation: Statement
    private let mark: Statement
    private let stars: Statement
    private let receipts: Statement
    private let waiting: Statement

    /// - Parameter path: of the view's file; one that no projector has made yet is read as empty.
    /// - Throws: `ProjectionError`.
    public convenience init(path: String) throws {
        try self.init(try .reading(path, definition: PersonalMetadataSchema.definition))
    }

    /// Reads over the connection of a view that is open, between the transactions of whoever writes to it.
    /// - Throws: `ProjectionError`.
    public init(_ database: ViewDatabase) throws {
        self.database = database
        let connection = database.connection
        unread = try UnreadQuery(connection)
        merged = try MergedConversationsQuery(connection)
        mailbox = try MailboxQuery(connection, unread: unread, merged: merged)
        badge = try BadgeQuery(connection, unread: unread, merged: merged)
        rows = try PersonalRowQuery(connection)
        conversation = try connection.prepare("SELECT last_ord, last_send FROM conversation WHERE conversation = ?")
        mark = try connection.prepare(
            """
            SELECT \(PersonalLoader.markColumns) FROM personal_message
            WHERE member = ? AND conversation = ? AND message = ?
            """)
        stars = try connection.prepare(
            """
            SELECT r.ord, p.conversation, p.message FROM personal_message p INDEXED BY personal_message_starred
            CROSS JOIN message_ref r ON r.conversation = p.conversation AND r.message = p.message
            WHERE p.member = ?1 AND p.starred = 1 AND p.hidden = 0 AND r.deleted = 0
                AND (r.ord < ?2 OR (r.ord = ?2 AND (p.message, p.conversation) > (?3, ?4)))
            ORDER BY r.ord DESC, p.message, p.conversation LIMIT ?5
            """)
        receipts = try connection.prepare(
            """
            SELECT p.member, r.read_public FROM participant p
            LEFT JOIN personal_conversation r ON r.member = p.member AND r.conversation = p.conversation
            WHERE p.conversation = ?1 AND p.member > ?2 AND p.left_ord IS NULL ORDER BY p.member LIMIT ?3
            """)
        waiting = try connection.prepare("SELECT member, count(*) FROM personal_orphan GROUP BY member")
    }

    public func read<Result>(_ body: () throws -> Result) throws -> Result {
        merged.begin()
        unread.begin()
        return try database.read(body)
    }

    public var isMade: Bool { !database.isStandIn }
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

    public func badge(of member: MemberID, cap: Int) throws -> Int {
        try badge.count(of: member, cap: cap)
    }

    public func row(of key: ConversationMember) throws -> PersonalRow? {
        guard let row = try rows.row(key), row.joined != nil else { return nil }
        try conversation.bind(key.conversation, at: 1)
        return row.merged(lastSend: try conversation.firstRow { conversation.int64(1) } ?? 0)
    }

    public func marks(of key: ConversationMember, messages: [MessageID]) throws -> [PersonalMessageRow] {
        try mark.bind(key.member, at: 1)
        try mark.bind(key.conversation, at: 2)
        return try messages.map { message in
            try mark.bind(message, at: 3)
            return try mark.firstRow { PersonalLoader.mark(mark) } ?? PersonalMessageRow()
        }
    }

    public func stars(of member: MemberID, after place: StarPlace?, limit: Int) throws -> [StarPlace] {
        try stars.bind(member, at: 1)
        try stars.bind(place?.ord ?? .max, at: 2)
        try stars.bind(place?.target.message, at: 3)
        try stars.bind(place?.target.conversation, at: 4)
        try stars.bind(Int64(limit), at: 5)
        var found: [StarPlace] = []
        try stars.forEachRow {
            found.append(StarPlace(ord: stars.int64(0), target: ConversationMessage(try stars.id(1), try stars.id(2))))
        }
        return found
    }

    public func receipts(of conversation: ConversationID, after member: MemberID?, limit: Int) throws -> [Receipt] {
        try receipts.bind(conversation, at: 1)
        // An empty blob is before every id.
        if let member { try receipts.bind(member, at: 2) } else { try receipts.bind([UInt8](), at: 2) }
        try receipts.bind(Int64(limit), at: 3)
        var found: [Receipt] = []
        try receipts.forEachRow {
            let marker = receipts.optionalInt64(1) ?? -1
            found.append(Receipt(member: try receipts.id(0), readUpTo: marker >= 0 ? marker : nil))
        }
        return found
    }

    public func lastOrd(of id: ConversationID) throws -> Int64? {
        try conversation.bind(id, at: 1)
        return try conversation.firstRow { conversation.int64(0) }
    }

    public func waitingCounts(partitionOf: (MemberID) -> TopicPartition) throws -> [TopicPartition: Int64] {
        var counts = try database.orphanCounts()
        try waiting.forEachRow { counts[partitionOf(try waiting.id(0)), default: 0] += waiting.int64(1) }
        return counts
    }

    public func dump(_ body: ([UInt8]) throws -> Void) throws {
        try database.dump(PersonalMetadataSchema.canonical, body)
    }
}
