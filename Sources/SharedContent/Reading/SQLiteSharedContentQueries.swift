public import EventLog
public import Messaging
import SQLite
public import ViewStorage

/// Reads the shared-content view in a SQLite file, over a connection of its own.
public final class SQLiteSharedContentQueries: SharedContentQueries {
    public let database: ViewDatabase
    private let messages: MessageQuery
    private let rejections: RejectionQuery
    private let conversation: Statement
    private let title: Statement
    private let intervals: Statement
    private let participants: Statement

    /// - Parameter path: of the view's file; one that no projector has made yet is read as empty.
    /// - Throws: `ProjectionError`.
    public convenience init(path: String) throws {
        try self.init(try .reading(path, definition: SharedContentSchema.definition))
    }

    /// Reads over the connection of a view that is open, between the transactions of whoever writes to it.
    /// - Throws: `ProjectionError`.
    public init(_ database: ViewDatabase) throws {
        self.database = database
        let connection = database.connection
        messages = try MessageQuery(connection)
        rejections = try RejectionQuery(connection)
        let titleColumns = "title, title_author, title_command, title_ord"
        conversation = try connection.prepare(
            """
            SELECT \(titleColumns), last_ord, kind, history, closed, participant_count, waiting_count, last_send, big
            FROM conversation WHERE conversation = ?
            """)
        title = try connection.prepare("SELECT \(titleColumns) FROM conversation WHERE conversation = ?")
        intervals = try connection.prepare(
            """
            SELECT joined_ord, left_ord, moderator FROM participant WHERE conversation = ? AND member = ?
            ORDER BY joined_ord
            """)
        participants = try connection.prepare(
            """
            SELECT joined_ord, left_ord, moderator, member FROM participant INDEXED BY participant_by_joining
            WHERE conversation = ?1 AND joined_ord >= ?2 AND (joined_ord > ?2 OR member > ?3)
            ORDER BY joined_ord, member LIMIT ?4
            """)
    }

    public func read<Result>(_ body: () throws -> Result) throws -> Result { try database.read(body) }
    public var isMade: Bool { !database.isStandIn }
    public var isCurrent: Bool { get throws { try database.isCurrent } }
    public var generation: Int64 { database.generation }
    public func positions() throws -> [TopicPartition: Int64] { try database.positions() }
    public func leases() throws -> [LeaseRow] { try database.leases() }
    public func parkedCounts() throws -> [TopicPartition: Int64] { try database.parkedCounts() }

    public func conversation(_ id: ConversationID) throws -> ConversationRow? {
        try conversation.bind(id, at: 1)
        return try conversation.firstRow {
            var row = ConversationRow()
            row.title = try Self.title(conversation)
            row.lastOrd = conversation.int64(4)
            row.kind = conversation.isNull(5) ? nil : try conversation.word(5)
            row.history = try conversation.word(6)
            row.isClosed = conversation.bool(7)
            row.participantCount = Int32(truncatingIfNeeded: conversation.int64(8))
            row.waitingCount = Int32(truncatingIfNeeded: conversation.int64(9))
            row.lastSend = conversation.int64(10)
            row.isBig = conversation.bool(11)
            return row
        }
    }

    public func title(of id: ConversationID) throws -> Title? {
        try title.bind(id, at: 1)
        return try title.firstRow { try Self.title(title) } ?? nil
    }

    private static func title(_ statement: Statement) throws -> Title? {
        guard let sealed = statement.optionalBytes(0) else { return nil }
        return Title(
            sealed: Sealed(sealed), author: try statement.id(1), command: try statement.id(2), ord: statement.int64(3))
    }

    public func intervals(of key: ConversationMember) throws -> [MembershipInterval] {
        try intervals.bind(key.conversation, at: 1)
        try intervals.bind(key.member, at: 2)
        var found: [MembershipInterval] = []
        try intervals.forEachRow { found.append(Self.interval(intervals)) }
        return found
    }

    public func participants(
        of id: ConversationID, after place: ParticipantPlace?, limit: Int
    ) throws -> [ParticipantEntry] {
        try participants.bind(id, at: 1)
        try participants.bind(place?.joined ?? .min, at: 2)
        // An empty blob is before every id.
        if let place { try participants.bind(place.member, at: 3) } else { try participants.bind([UInt8](), at: 3) }
        try participants.bind(Int64(limit), at: 4)
        var found: [ParticipantEntry] = []
        try participants.forEachRow {
            found.append(ParticipantEntry(member: try participants.id(3), interval: Self.interval(participants)))
        }
        return found
    }

    private static func interval(_ statement: Statement) -> MembershipInterval {
        MembershipInterval(
            joined: statement.int64(0), left: statement.optionalInt64(1), isModerator: statement.bool(2))
    }

    public func message(_ key: ConversationMessage) throws -> SharedMessage? { try messages.message(key) }

    public func messages(
        of id: ConversationID, in span: Range<Int64>, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> [SharedMessage] {
        try messages.page(of: id, in: span, from: place, forward: forward, limit: limit)
    }

    public func versions(of message: SharedMessage) throws -> [SharedVersion] { try messages.versions(of: message) }

    public func rejections(of actor: MemberID?, after position: Position?, limit: Int) throws -> [RejectionEntry] {
        try rejections.page(of: actor, after: position, limit: limit)
    }

    public func lastOrd(of id: ConversationID) throws -> Int64? { try conversation(id)?.lastOrd }
    public func rejectionCounts() throws -> [TopicPartition: Int64] { try rejections.counts() }

    public func legacyVersionConflicts() throws -> Int64 { try rejections.legacyVersionConflicts() }
    public func waitingCounts() throws -> [TopicPartition: Int64] { try database.orphanCounts() }

    public func dump(_ body: ([UInt8]) throws -> Void) throws {
        try database.dump(SharedContentSchema.canonical, body)
    }
}
