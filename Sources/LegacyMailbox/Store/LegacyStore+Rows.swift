import SQLite
import Wire

/// Rows of the legacy store as values, and back. The SQL is such that PostgreSQL takes it too.
extension LegacyStore {
    private static let copyColumns = """
        copy_id, thread_id, owner, dedup_key, folder, sender, recipients, subject, body, attachments, in_reply_to, \
        sent_at, read_at, starred, deleted, deleted_by, edited_at, source_version
        """

    // MARK: Reading

    func thread(_ thread: [UInt8]) throws -> LegacyThread? {
        let query = try connection.statement(
            "SELECT thread_id, subject, creator, created_at FROM thread WHERE thread_id = $1")
        defer { query.reset() }
        try query.bind(text: thread, at: 1)
        guard try query.step() else { return nil }
        return LegacyThread(
            thread: query.bytes(0), subject: query.bytes(1), creator: query.bytes(2), createdAt: query.int64(3))
    }

    /// Everybody who is or was in a thread.
    func participants(_ thread: [UInt8]) throws -> [LegacyParticipant] {
        let query = try connection.statement(
            "SELECT thread_id, owner, joined_at, left_at, folder FROM participant WHERE thread_id = $1 ORDER BY owner")
        defer { query.reset() }
        try query.bind(text: thread, at: 1)
        var rows: [LegacyParticipant] = []
        while try query.step() {
            rows.append(
                LegacyParticipant(
                    thread: query.bytes(0), owner: query.bytes(1), joinedAt: query.int64(2),
                    leftAt: query.optionalInt64(3), folder: query.bytes(4)))
        }
        return rows
    }

    /// The copies of a message, by owner.
    func copies(_ thread: [UInt8], _ key: [UInt8]) throws -> [LegacyCopy] {
        let query = try connection.statement(
            "SELECT \(Self.copyColumns) FROM message_copy WHERE thread_id = $1 AND dedup_key = $2 "
                + "ORDER BY owner, copy_id")
        try query.bind(text: thread, at: 1)
        try query.bind(text: key, at: 2)
        return try readCopies(query)
    }

    /// The copies of one owner in a thread, oldest first.
    func copies(_ thread: [UInt8], owner: [UInt8]) throws -> [LegacyCopy] {
        let query = try connection.statement(
            "SELECT \(Self.copyColumns) FROM message_copy WHERE owner = $1 AND thread_id = $2 "
                + "ORDER BY sent_at, copy_id")
        try query.bind(text: owner, at: 1)
        try query.bind(text: thread, at: 2)
        return try readCopies(query)
    }

    private func readCopies(_ query: Statement) throws -> [LegacyCopy] {
        defer { query.reset() }
        var rows: [LegacyCopy] = []
        while try query.step() { rows.append(try copy(query)) }
        return rows
    }

    private func copy(_ query: Statement) throws -> LegacyCopy {
        guard let deletion = UInt8(exactly: query.int64(14)).flatMap(LegacyCopy.Deletion.init(rawValue:)) else {
            throw LegacyError(.store, "message_copy.deleted: is not 0, 1 or 2 in a row: mend the row")
        }
        let lists = Array("{\"r\":".utf8) + query.bytes(6) + Array(",\"a\":".utf8) + query.bytes(9) + Array("}".utf8)
        let fields = try JSONFields(lists)
        return LegacyCopy(
            thread: query.bytes(1), owner: query.bytes(2), copyID: query.bytes(0), deduplicationKey: query.bytes(3),
            folder: query.bytes(4), sender: query.bytes(5), recipients: try fields.texts("r"),
            subject: query.bytes(7), body: query.optionalBytes(8), attachments: try fields.attachments("a"),
            inReplyTo: query.optionalBytes(10), sentAt: query.int64(11), readAt: query.optionalInt64(12),
            starred: query.int64(13) != 0, deletion: deletion, deletedBy: query.optionalBytes(15),
            editedAt: query.optionalInt64(16))
    }

    // MARK: Writing

    func save(_ row: LegacyThread, version: Int64) throws {
        let write = try connection.statement(
            """
            INSERT INTO thread (thread_id, subject, creator, created_at, source_version) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (thread_id) DO UPDATE SET subject = excluded.subject, source_version = excluded.source_version
            """)
        try write.bind(text: row.thread, at: 1)
        try write.bind(text: row.subject, at: 2)
        try write.bind(text: row.creator, at: 3)
        try write.bind(row.createdAt, at: 4)
        try write.bind(version, at: 5)
        try write.run()
    }

    func save(_ row: LegacyParticipant, version: Int64) throws {
        let write = try connection.statement(
            """
            INSERT INTO participant (thread_id, owner, joined_at, left_at, folder, source_version)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (thread_id, owner) DO UPDATE SET joined_at = excluded.joined_at, left_at = excluded.left_at,
            folder = excluded.folder, source_version = excluded.source_version
            """)
        try write.bind(text: row.thread, at: 1)
        try write.bind(text: row.owner, at: 2)
        try write.bind(row.joinedAt, at: 3)
        try write.bind(row.leftAt, at: 4)
        try write.bind(text: row.folder, at: 5)
        try write.bind(version, at: 6)
        try write.run()
    }

    func save(_ row: LegacyCopy, version: Int64) throws {
        let write = try connection.statement(
            """
            INSERT INTO message_copy (\(Self.copyColumns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT (copy_id) DO UPDATE SET folder = excluded.folder, subject = excluded.subject,
            body = excluded.body, attachments = excluded.attachments, read_at = excluded.read_at,
            starred = excluded.starred, deleted = excluded.deleted, deleted_by = excluded.deleted_by,
            edited_at = excluded.edited_at, source_version = excluded.source_version
            """)
        var (recipients, attachments) = (JSONWriter(), JSONWriter())
        recipients.list(row.recipients)
        attachments.list(row.attachments)
        let texts: [(Int, [UInt8]?)] = [
            (1, row.copyID), (2, row.thread), (3, row.owner), (4, row.deduplicationKey), (5, row.folder),
            (6, row.sender), (7, recipients.bytes), (8, row.subject), (9, row.body), (10, attachments.bytes),
            (11, row.inReplyTo), (16, row.deletedBy),
        ]
        for (index, text) in texts {
            if let text { try write.bind(text: text, at: index) } else { try write.bindNull(at: index) }
        }
        try write.bind(row.sentAt, at: 12)
        try write.bind(row.readAt, at: 13)
        try write.bind(Int64(row.starred ? 1 : 0), at: 14)
        try write.bind(Int64(row.deletion.rawValue), at: 15)
        try write.bind(row.editedAt, at: 17)
        try write.bind(version, at: 18)
        try write.run()
    }
}
