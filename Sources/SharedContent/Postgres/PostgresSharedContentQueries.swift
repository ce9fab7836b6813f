public import EventLog
public import Messaging
public import Postgres
public import ViewStorage

/// Reads the shared-content view in PostgreSQL, over a connection of its own, which may be a role's that only reads.
public final class PostgresSharedContentQueries: SharedContentQueries {
    public let database: PostgresViewDatabase
    private let messages: PostgresMessageQuery

    /// - Throws: `ProjectionError`; `missing` when no projector has made the view yet.
    public init(address: PostgresAddress) throws {
        database = try PostgresViewDatabase(address, definition: SharedContentSchema.postgres, access: .read)
        messages = PostgresMessageQuery(database)
    }

    public func read<Result>(_ body: () throws -> Result) throws -> Result { try database.read(body) }
    public var isMade: Bool { true }
    public var isCurrent: Bool { get throws { try database.isCurrent } }
    public var generation: Int64 { database.generation }
    public func positions() throws -> [TopicPartition: Int64] { try database.positions() }
    public func leases() throws -> [LeaseRow] { try database.leases() }
    public func parkedCounts() throws -> [TopicPartition: Int64] { try database.parkedCounts() }

    private static let titleColumns = "title, title_author, title_command, title_ord"

    public func conversation(_ id: ConversationID) throws -> ConversationRow? {
        let rows = try database.query(
            """
            SELECT \(Self.titleColumns), last_ord, kind, history, closed, participant_count, waiting_count, last_send, big
            FROM conversation WHERE conversation = $1
            """
        ) { $0.add(id) }
        guard rows.count > 0 else { return nil }
        var row = ConversationRow()
        row.title = try Self.title(rows)
        row.lastOrd = try rows.int64(0, 4)
        row.kind = rows.isNull(0, 5) ? nil : try rows.word(0, 5)
        row.history = try rows.word(0, 6)
        row.isClosed = try rows.bool(0, 7)
        row.participantCount = try rows.int32(0, 8)
        row.waitingCount = try rows.int32(0, 9)
        row.lastSend = try rows.int64(0, 10)
        row.isBig = try rows.bool(0, 11)
        return row
    }

    public func title(of id: ConversationID) throws -> Title? {
        let rows = try database.query("SELECT \(Self.titleColumns) FROM conversation WHERE conversation = $1") {
            $0.add(id)
        }
        return rows.count > 0 ? try Self.title(rows) : nil
    }

    private static func title(_ rows: PostgresRows) throws -> Title? {
        guard let sealed = rows.optionalBytes(0, 0) else { return nil }
        return Title(
            sealed: Sealed(sealed), author: try rows.id(0, 1), command: try rows.id(0, 2), ord: try rows.int64(0, 3))
    }

    public func intervals(of key: ConversationMember) throws -> [MembershipInterval] {
        let rows = try database.query(
            """
            SELECT joined_ord, left_ord, moderator FROM participant WHERE conversation = $1 AND member = $2
            ORDER BY joined_ord
            """
        ) {
            $0.add(key.conversation)
            $0.add(key.member)
        }
        return try (0..<rows.count).map { try Self.interval(rows, $0) }
    }

    public func participants(
        of id: ConversationID, after place: ParticipantPlace?, limit: Int
    ) throws -> [ParticipantEntry] {
        let rows = try database.query(
            """
            SELECT joined_ord, left_ord, moderator, member FROM participant
            WHERE conversation = $1 AND (joined_ord, member) > ($2, $3) ORDER BY joined_ord, member LIMIT $4
            """
        ) {
            $0.add(id)
            // Every joining is behind the least number.
            $0.add(place?.joined ?? .min)
            $0.add(place?.member ?? MemberID(.first))
            $0.add(Int64(limit))
        }
        return try (0..<rows.count).map {
            ParticipantEntry(member: try rows.id($0, 3), interval: try Self.interval(rows, $0))
        }
    }

    private static func interval(_ rows: PostgresRows, _ row: Int) throws -> MembershipInterval {
        MembershipInterval(
            joined: try rows.int64(row, 0), left: try rows.optionalInt64(row, 1), isModerator: try rows.bool(row, 2))
    }

    public func message(_ key: ConversationMessage) throws -> SharedMessage? { try messages.message(key) }

    public func messages(
        of id: ConversationID, in span: Range<Int64>, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> [SharedMessage] {
        try messages.page(of: id, in: span, from: place, forward: forward, limit: limit)
    }

    public func versions(of message: SharedMessage) throws -> [SharedVersion] { try messages.versions(of: message) }

    public func rejections(of actor: MemberID?, after position: Position?, limit: Int) throws -> [RejectionEntry] {
        let ofActor = actor == nil ? "" : "actor = $4 AND"
        let rows = try database.query(
            """
            SELECT partition, record_offset, command, actor, name, conversation, reason, ord FROM rejection
            WHERE \(ofActor) (partition, record_offset) > ($1, $2) ORDER BY partition, record_offset LIMIT $3
            """
        ) {
            $0.add(Int64(position?.partition.partition ?? -1))
            $0.add(position?.offset ?? -1)
            $0.add(Int64(limit))
            if let actor { $0.add(actor) }
        }
        return try (0..<rows.count).map { row in
            RejectionEntry(
                position: Position(
                    TopicPartition(.conversationCommands, try rows.int32(row, 0)), try rows.int64(row, 1)),
                id: try rows.id(row, 2), actor: try rows.id(row, 3), command: rows.text(row, 4),
                conversation: try rows.id(row, 5), reason: try rows.word(row, 6), ord: try rows.int64(row, 7))
        }
    }

    public func lastOrd(of id: ConversationID) throws -> Int64? { try conversation(id)?.lastOrd }

    public func rejectionCounts() throws -> [TopicPartition: Int64] {
        let rows = try database.query("SELECT partition, count(*) FROM rejection GROUP BY partition")
        var counts: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count {
            counts[TopicPartition(.conversationCommands, try rows.int32(row, 0))] = try rows.int64(row, 1)
        }
        return counts
    }

    public func legacyVersionConflicts() throws -> Int64 {
        // The replicator's ids are UUIDs of version 8.
        let rows = try database.query(
            "SELECT count(*) FROM rejection WHERE reason = $1 AND substr(command::text, 15, 1) = '8'"
        ) { $0.add(Int64(RejectionReason.versionConflict.rawValue)) }
        return try rows.int64(0, 0)
    }

    public func waitingCounts() throws -> [TopicPartition: Int64] { try database.orphanCounts() }

    public func dump(_ body: ([UInt8]) throws -> Void) throws {
        try database.dump(SharedContentSchema.canonical, body)
    }
}
