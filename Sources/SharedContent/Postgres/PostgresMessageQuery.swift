import Messaging
import Postgres
import ViewStorage

/// Reads messages with their content and reactions: a page takes two statements, whatever its length.
struct PostgresMessageQuery {
    private let database: PostgresViewDatabase

    init(_ database: PostgresViewDatabase) { self.database = database }

    /// Of `m`. Of a live message the content of the version in force; of a deleted one the keys of the last that was.
    private static let columns = """
        m.message, m.ord, m.sender, m.original, m.current, m.reply_to, m.sent_at, m.deleted_by, m.deleted_ord,
        m.delete_reason,
        CASE WHEN m.current = m.original THEN m.content WHEN m.current IS NOT NULL THEN (SELECT v.content FROM version v
            WHERE v.conversation = m.conversation AND v.message = m.message AND v.version = m.current) END,
        CASE WHEN m.current = m.original THEN m.keys ELSE coalesce((SELECT v.keys FROM version v
            WHERE v.conversation = m.conversation AND v.message = m.message AND v.withdrawn = 0
            ORDER BY v.ord DESC LIMIT 1), m.keys) END
        """

    func message(_ key: ConversationMessage) throws -> SharedMessage? {
        let rows = try database.query(
            "SELECT \(Self.columns) FROM message m WHERE m.conversation = $1 AND m.message = $2"
        ) {
            $0.add(key.conversation)
            $0.add(key.message)
        }
        return try withReactions(rows, key.conversation).first
    }

    func page(
        of id: ConversationID, in span: Range<Int64>, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> [SharedMessage] {
        guard !span.isEmpty else { return [] }
        let (from, to) = Self.bounds(span, place, forward)
        let order = forward ? "m.ord, m.message" : "m.ord DESC, m.message DESC"
        let rows = try database.query(
            """
            SELECT \(Self.columns) FROM message m WHERE m.conversation = $1
                AND (m.ord, m.message) > ($2, $3) AND (m.ord, m.message) < ($4, $5) ORDER BY \(order) LIMIT $6
            """
        ) {
            $0.add(id)
            $0.add(from.ord)
            $0.add(from.message)
            $0.add(to.ord)
            $0.add(to.message)
            $0.add(Int64(limit))
        }
        return try withReactions(rows, id)
    }

    /// The places between which a page lies, both exclusive. Before every message of an ord is the ord below with the
    /// greatest id; there is none below the least ord, but no message has that.
    private static func bounds(
        _ span: Range<Int64>, _ place: MessagePlace?, _ forward: Bool
    ) -> (MessagePlace, MessagePlace) {
        var from = MessagePlace(ord: max(span.lowerBound, .min + 1) - 1, message: MessageID(.last))
        var to = MessagePlace(ord: span.upperBound, message: MessageID(.first))
        if let place {
            if forward { from = max(from, place) } else { to = min(to, place) }
        }
        return (from, to)
    }

    func versions(of message: SharedMessage) throws -> [SharedVersion] {
        let original = try database.query(
            "SELECT original, ord, content, original_withdrawn FROM message WHERE conversation = $1 AND message = $2"
        ) {
            $0.add(message.key.conversation)
            $0.add(message.key.message)
        }
        let edits = try database.query(
            """
            SELECT version, ord, content FROM version WHERE conversation = $1 AND message = $2 AND withdrawn = 0
            ORDER BY ord, version
            """
        ) {
            $0.add(message.key.conversation)
            $0.add(message.key.message)
        }
        var versions: [SharedVersion] = []
        if original.count > 0, try !original.bool(0, 3) { versions.append(try Self.version(original, 0)) }
        for row in 0..<edits.count { versions.append(try Self.version(edits, row)) }
        return versions
    }

    private static func version(_ rows: PostgresRows, _ row: Int) throws -> SharedVersion {
        SharedVersion(
            id: try rows.id(row, 0), ord: try rows.int64(row, 1), content: rows.optionalBytes(row, 2).map(Sealed.init))
    }

    private func withReactions(_ rows: PostgresRows, _ id: ConversationID) throws -> [SharedMessage] {
        var messages = try (0..<rows.count).map { try Self.message(rows, $0, id) }
        let living = messages.filter { $0.tombstone == nil }.map(\.key)
        guard !living.isEmpty else { return messages }
        let keys = PostgresKeys(living).arrays
        let found = try database.query(
            """
            SELECT r.message, r.reaction, r.member FROM unnest($1, $2) AS k (conversation, message)
            JOIN reaction r ON r.conversation = k.conversation AND r.message = k.message AND r."on" = 1
            ORDER BY r.message, r.reaction, r.member
            """
        ) { parameters in
            for key in keys { parameters.add(key) }
        }
        var reactions: [MessageID: [SharedReaction]] = [:]
        for row in 0..<found.count {
            reactions[try found.id(row, 0), default: []].append(
                SharedReaction(reaction: found.bytes(row, 1), member: try found.id(row, 2)))
        }
        for index in messages.indices { messages[index].reactions = reactions[messages[index].key.message] ?? [] }
        return messages
    }

    private static func message(_ rows: PostgresRows, _ row: Int, _ id: ConversationID) throws -> SharedMessage {
        var tombstone: Tombstone?
        if let by: MemberID = try rows.optionalID(row, 7) {
            tombstone = Tombstone(by: by, ord: try rows.int64(row, 8), reason: rows.optionalBytes(row, 9))
        }
        return SharedMessage(
            key: ConversationMessage(id, try rows.id(row, 0)), ord: try rows.int64(row, 1), sender: try rows.id(row, 2),
            original: try rows.id(row, 3), current: try rows.optionalID(row, 4),
            keyGenerations: UInt64(bitPattern: try rows.int64(row, 11)),
            content: rows.optionalBytes(row, 10).map(Sealed.init), replyTo: try rows.optionalID(row, 5),
            sentAt: rows.optionalBytes(row, 6), tombstone: tombstone, reactions: [])
    }
}
