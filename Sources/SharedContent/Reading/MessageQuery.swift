import Messaging
import SQLite
import ViewStorage

/// Reads messages with their content and reactions.
struct MessageQuery {
    private let one: Statement
    private let newer: Statement
    private let older: Statement
    private let reactions: Statement
    private let edits: Statement
    private let original: Statement

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

    init(_ connection: Connection) throws {
        one = try connection.prepare(
            "SELECT \(Self.columns) FROM message m WHERE m.conversation = ?1 AND m.message = ?2")
        newer = try connection.prepare(
            """
            SELECT \(Self.columns) FROM message m WHERE m.conversation = ?1 AND m.ord >= ?2 AND m.ord < ?3
                AND (m.ord > ?2 OR m.message > ?4) ORDER BY m.ord, m.message LIMIT ?5
            """)
        older = try connection.prepare(
            """
            SELECT \(Self.columns) FROM message m WHERE m.conversation = ?1 AND m.ord >= ?2 AND m.ord <= ?3
                AND (m.ord < ?3 OR m.message < ?4) ORDER BY m.ord DESC, m.message DESC LIMIT ?5
            """)
        reactions = try connection.prepare(
            """
            SELECT reaction, member FROM reaction WHERE conversation = ? AND message = ? AND "on" = 1
            ORDER BY reaction, member
            """)
        original = try connection.prepare(
            "SELECT original, ord, content, original_withdrawn FROM message WHERE conversation = ? AND message = ?")
        edits = try connection.prepare(
            """
            SELECT version, ord, content FROM version WHERE conversation = ? AND message = ? AND withdrawn = 0
            ORDER BY ord, version
            """)
    }

    func message(_ key: ConversationMessage) throws -> SharedMessage? {
        try one.bind(key.conversation, at: 1)
        try one.bind(key.message, at: 2)
        guard var message = try one.firstRow({ try Self.message(one, key.conversation) }) else { return nil }
        try addReactions(to: &message)
        return message
    }

    func page(
        of id: ConversationID, in span: Range<Int64>, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> [SharedMessage] {
        let statement = forward ? newer : older
        try statement.bind(id, at: 1)
        try bindSpan(statement, span, place, forward)
        try statement.bind(Int64(limit), at: 5)
        var messages: [SharedMessage] = []
        try statement.forEachRow { messages.append(try Self.message(statement, id)) }
        for index in messages.indices { try addReactions(to: &messages[index]) }
        return messages
    }

    /// The place narrows the span; without one, or with one outside, the id bound lets every message of the ord through:
    /// an empty blob is before every id, 17 bytes of 0xff are behind.
    private func bindSpan(
        _ statement: Statement, _ span: Range<Int64>, _ place: MessagePlace?, _ forward: Bool
    ) throws {
        let inside = place.flatMap { span.contains($0.ord) ? $0 : nil }
        if forward {
            let isPast = place.map { $0.ord >= span.upperBound } ?? false
            try statement.bind(isPast ? span.upperBound : inside?.ord ?? span.lowerBound, at: 2)
            try statement.bind(span.upperBound, at: 3)
        } else {
            let isBefore = place.map { $0.ord < span.lowerBound } ?? false
            try statement.bind(span.lowerBound, at: 2)
            try statement.bind(isBefore ? span.lowerBound - 1 : inside?.ord ?? span.upperBound - 1, at: 3)
        }
        if let inside {
            try statement.bind(inside.message, at: 4)
        } else {
            try statement.bind(forward ? [UInt8]() : [UInt8](repeating: 0xff, count: 17), at: 4)
        }
    }

    func versions(of message: SharedMessage) throws -> [SharedVersion] {
        var versions: [SharedVersion] = []
        for statement in [original, edits] {
            try statement.bind(message.key.conversation, at: 1)
            try statement.bind(message.key.message, at: 2)
        }
        try original.forEachRow {
            guard !original.bool(3) else { return }
            versions.append(try Self.version(original))
        }
        try edits.forEachRow { versions.append(try Self.version(edits)) }
        return versions
    }

    private static func version(_ statement: Statement) throws -> SharedVersion {
        SharedVersion(
            id: try statement.id(0), ord: statement.int64(1), content: statement.optionalBytes(2).map(Sealed.init))
    }

    private func addReactions(to message: inout SharedMessage) throws {
        guard message.tombstone == nil else { return }
        try reactions.bind(message.key.conversation, at: 1)
        try reactions.bind(message.key.message, at: 2)
        var found: [SharedReaction] = []
        try reactions.forEachRow {
            found.append(SharedReaction(reaction: reactions.bytes(0), member: try reactions.id(1)))
        }
        message.reactions = found
    }

    private static func message(_ statement: Statement, _ id: ConversationID) throws -> SharedMessage {
        var tombstone: Tombstone?
        if let by: MemberID = statement.optionalID(7) {
            tombstone = Tombstone(by: by, ord: statement.int64(8), reason: statement.optionalBytes(9))
        }
        return SharedMessage(
            key: ConversationMessage(id, try statement.id(0)), ord: statement.int64(1), sender: try statement.id(2),
            original: try statement.id(3), current: statement.optionalID(4),
            keyGenerations: UInt64(bitPattern: statement.int64(11)),
            content: statement.optionalBytes(10).map(Sealed.init), replyTo: statement.optionalID(5),
            sentAt: statement.optionalBytes(6), tombstone: tombstone, reactions: [])
    }
}
