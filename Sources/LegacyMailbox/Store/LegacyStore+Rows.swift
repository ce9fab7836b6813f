import Wire

/// Rows of the legacy store as values, and back. The SQL is such that SQLite and PostgreSQL take it.
extension LegacyStore {
    private static let copyColumns = """
        copy_id, thread_id, owner, dedup_key, folder, sender, recipients, subject, body, attachments, in_reply_to, \
        sent_at, read_at, starred, deleted, deleted_by, edited_at, source_version
        """

    // MARK: Reading

    func thread(_ thread: [UInt8]) throws -> LegacyThread? {
        let rows = try database.rows(
            "SELECT thread_id, subject, creator, created_at FROM thread WHERE thread_id = $1", [.text(thread)])
        guard rows.count > 0 else { return nil }
        return LegacyThread(
            thread: try rows.text(0, 0), subject: try rows.text(0, 1), creator: try rows.text(0, 2),
            createdAt: try rows.int(0, 3))
    }

    /// Everybody who is or was in a thread.
    func participants(_ thread: [UInt8]) throws -> [LegacyParticipant] {
        let rows = try database.rows(
            "SELECT thread_id, owner, joined_at, left_at, folder FROM participant WHERE thread_id = $1 ORDER BY owner",
            [.text(thread)])
        return try (0..<rows.count).map { row in
            LegacyParticipant(
                thread: try rows.text(row, 0), owner: try rows.text(row, 1), joinedAt: try rows.int(row, 2),
                leftAt: try rows.optionalInt(row, 3), folder: try rows.text(row, 4))
        }
    }

    /// The copies of a message, by owner.
    func copies(_ thread: [UInt8], _ key: [UInt8]) throws -> [LegacyCopy] {
        try copies("thread_id = $1 AND dedup_key = $2 ORDER BY owner, copy_id", [.text(thread), .text(key)])
    }

    /// The copies of one owner in a thread, oldest first.
    func copies(_ thread: [UInt8], owner: [UInt8]) throws -> [LegacyCopy] {
        try copies("owner = $1 AND thread_id = $2 ORDER BY sent_at, copy_id", [.text(owner), .text(thread)])
    }

    private func copies(_ condition: String, _ values: [LegacyValue]) throws -> [LegacyCopy] {
        let rows = try database.rows("SELECT \(Self.copyColumns) FROM message_copy WHERE \(condition)", values)
        return try (0..<rows.count).map { try copy(rows, $0) }
    }

    private func copy(_ rows: any LegacyRows, _ row: Int) throws -> LegacyCopy {
        guard let deletion = UInt8(exactly: try rows.int(row, 14)).flatMap(LegacyCopy.Deletion.init(rawValue:)) else {
            throw LegacyError(.store, "message_copy.deleted: is not 0, 1 or 2 in a row: mend the row")
        }
        let (recipients, attachments) = (try rows.text(row, 6), try rows.text(row, 9))
        let lists = Array("{\"r\":".utf8) + recipients + Array(",\"a\":".utf8) + attachments + Array("}".utf8)
        let fields = try JSONFields(lists)
        return LegacyCopy(
            thread: try rows.text(row, 1), owner: try rows.text(row, 2), copyID: try rows.text(row, 0),
            deduplicationKey: try rows.text(row, 3), folder: try rows.text(row, 4), sender: try rows.text(row, 5),
            recipients: try fields.texts("r"), subject: try rows.text(row, 7), body: try rows.optionalText(row, 8),
            attachments: try fields.attachments("a"), inReplyTo: try rows.optionalText(row, 10),
            sentAt: try rows.int(row, 11), readAt: try rows.optionalInt(row, 12), starred: try rows.int(row, 13) != 0,
            deletion: deletion, deletedBy: try rows.optionalText(row, 15), editedAt: try rows.optionalInt(row, 16))
    }

    // MARK: Writing

    func save(_ row: LegacyThread, version: Int64) throws {
        try database.run(
            """
            INSERT INTO thread (thread_id, subject, creator, created_at, source_version) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (thread_id) DO UPDATE SET subject = excluded.subject, source_version = excluded.source_version
            """, [.text(row.thread), .text(row.subject), .text(row.creator), .int(row.createdAt), .int(version)])
    }

    func save(_ row: LegacyParticipant, version: Int64) throws {
        try database.run(
            """
            INSERT INTO participant (thread_id, owner, joined_at, left_at, folder, source_version)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (thread_id, owner) DO UPDATE SET joined_at = excluded.joined_at, left_at = excluded.left_at,
            folder = excluded.folder, source_version = excluded.source_version
            """,
            [
                .text(row.thread), .text(row.owner), .int(row.joinedAt), .int(row.leftAt), .text(row.folder),
                .int(version),
            ])
    }

    func save(_ row: LegacyCopy, version: Int64) throws {
        var (recipients, attachments) = (JSONWriter(), JSONWriter())
        recipients.list(row.recipients)
        attachments.list(row.attachments)
        try database.run(
            """
            INSERT INTO message_copy (\(Self.copyColumns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ON CONFLICT (copy_id) DO UPDATE SET folder = excluded.folder, subject = excluded.subject,
            body = excluded.body, attachments = excluded.attachments, read_at = excluded.read_at,
            starred = excluded.starred, deleted = excluded.deleted, deleted_by = excluded.deleted_by,
            edited_at = excluded.edited_at, source_version = excluded.source_version
            """,
            [
                .text(row.copyID), .text(row.thread), .text(row.owner), .text(row.deduplicationKey),
                .text(row.folder), .text(row.sender), .text(recipients.bytes), .text(row.subject), .text(row.body),
                .text(attachments.bytes), .text(row.inReplyTo), .int(row.sentAt), .int(row.readAt),
                .int(row.starred ? 1 : 0), .int(Int64(row.deletion.rawValue)), .text(row.deletedBy),
                .int(row.editedAt), .int(version),
            ])
    }
}
