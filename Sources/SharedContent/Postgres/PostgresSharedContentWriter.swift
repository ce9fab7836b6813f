import Messaging
import Postgres
import ViewStorage

/// Writes what a batch changed, one statement a table and kind of change, each row once.
final class PostgresSharedContentWriter {
    private let rows = PostgresConversationRowsWriter(hasTitles: true)
    private let newMessages = PostgresColumns(
        newIn: "message",
        [
            "conversation": .uuid, "message": .uuid, "ord": .bigint, "sender": .uuid, "original": .uuid,
            "current": .uuid, "original_withdrawn": .smallint, "digest": .uuid, "keys": .bigint, "reply_to": .uuid,
            "sent_at": .bytea, "deleted_by": .uuid, "deleted_ord": .bigint, "delete_reason": .bytea, "content": .bytea,
            "current_ord": .bigint, "source_version": .bigint, "disputed": .smallint,
        ])
    private let messages = PostgresColumns(
        [.uuid, .int8, .uuid, .uuid, .int8, .uuid, .int8, .bytea, .int8, .int8, .int8],
        """
        UPDATE message m SET current = k.current, original_withdrawn = k.withdrawn, deleted_by = k.deleted_by,
            deleted_ord = k.deleted_ord, delete_reason = k.reason, current_ord = k.current_ord,
            source_version = k.source_version, disputed = k.disputed,
            content = CASE WHEN k.withdrawn = 1 OR k.deleted_by IS NOT NULL THEN NULL ELSE m.content END
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            AS k (conversation, ord, message, current, withdrawn, deleted_by, deleted_ord, reason, current_ord,
                source_version, disputed)
        WHERE m.conversation = k.conversation AND m.ord = k.ord AND m.message = k.message
        """)
    private let originals = PostgresColumns(
        [.uuid, .int8, .uuid, .uuid, .uuid, .int8, .uuid, .bytea, .bytea],
        """
        UPDATE message m SET original = k.original, digest = k.digest, keys = k.keys, reply_to = k.reply_to,
            sent_at = k.sent_at, content = k.content
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            AS k (conversation, ord, message, original, digest, keys, reply_to, sent_at, content)
        WHERE m.conversation = k.conversation AND m.ord = k.ord AND m.message = k.message
        """)
    private let versions = PostgresColumns(
        [.uuid, .uuid, .int8, .uuid, .int8, .int8, .bytea, .int8, .uuid],
        """
        INSERT INTO version (conversation, message, ord, version, withdrawn, keys, content, source_version, digest)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """)
    private let replacedVersions = PostgresColumns(
        [.uuid, .uuid, .int8, .int8, .uuid, .bytea, .int8, .uuid],
        """
        UPDATE version v SET source_version = k.source_version, digest = k.digest,
            content = coalesce(k.content, v.content), keys = CASE WHEN k.content IS NULL THEN v.keys ELSE k.keys END
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            AS k (conversation, message, ord, source_version, digest, content, keys, version)
        WHERE v.conversation = k.conversation AND v.message = k.message AND v.ord = k.ord AND v.version = k.version
        """)
    private let withdrawnVersions = PostgresColumns(
        [.uuid, .uuid, .int8, .uuid],
        """
        UPDATE version v SET withdrawn = 1, content = NULL
        FROM unnest($1, $2, $3, $4) AS k (conversation, message, ord, version)
        WHERE v.conversation = k.conversation AND v.message = k.message AND v.ord = k.ord AND v.version = k.version
        """)
    private let deletedVersions = PostgresColumns(
        [.uuid, .uuid],
        """
        UPDATE version v SET content = NULL FROM unnest($1, $2) AS k (conversation, message)
        WHERE v.conversation = k.conversation AND v.message = k.message
        """)
    private let deletedReactions = PostgresColumns(
        [.uuid, .uuid],
        """
        DELETE FROM reaction r USING unnest($1, $2) AS k (conversation, message)
        WHERE r.conversation = k.conversation AND r.message = k.message
        """)
    private let reactions = PostgresColumns(
        [.uuid, .uuid, .bytea, .uuid, .int8, .int8],
        """
        INSERT INTO reaction (conversation, message, reaction, member, "on", ord)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        ON CONFLICT (conversation, message, reaction, member) DO UPDATE SET "on" = excluded."on", ord = excluded.ord
        """)
    private let rejections = PostgresColumns(
        [.int8, .int8, .uuid, .uuid, .int8, .uuid, .text, .int8],
        """
        INSERT INTO rejection (partition, record_offset, conversation, command, ord, actor, name, reason)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
        """)

    /// Gives the statements, each once it is made, in an order in which they may run; they are good until the next call.
    func write(_ fold: ConversationFold, to sink: PostgresBatchSink) throws {
        let all = [
            newMessages, messages, originals, replacedVersions, versions, withdrawnVersions, deletedVersions,
            deletedReactions, reactions, rejections,
        ]
        for columns in all { columns.removeAll() }
        try rows.write(fold, to: sink)
        fold.forEachMessage { key, row, isNew in
            if isNew { insert(key, row) } else { update(key, row) }
        }
        for columns in [newMessages, messages] { columns.add(to: sink) }
        fold.forEachReplacedOriginal(replace)
        fold.forEachReplacedVersion(replace)
        fold.forEachNewVersion(insert)
        fold.forEachWithdrawnVersion { key, row in
            withdrawnVersions[0].append(key.conversation)
            withdrawnVersions[1].append(key.message)
            withdrawnVersions[2].append(row.ord)
            withdrawnVersions[3].append(row.id)
        }
        for key in fold.changes.deleted {
            for columns in [deletedVersions, deletedReactions] {
                columns[0].append(key.conversation)
                columns[1].append(key.message)
            }
        }
        fold.forEachReaction(upsert)
        for rejected in fold.changes.rejections { insert(rejected) }
        for columns in all.dropFirst(2) { columns.add(to: sink) }
    }

    private func insert(_ key: ConversationMessage, _ row: MessageRow) {
        newMessages[0].append(key.conversation)
        newMessages[1].append(key.message)
        newMessages[2].append(row.ord)
        newMessages[3].append(row.sender)
        newMessages[4].append(row.original)
        newMessages[5].append(row.current)
        newMessages[6].append(row.isOriginalWithdrawn)
        newMessages[7].append(high: row.digest.value.high, low: row.digest.value.low)
        newMessages[8].append(Int64(bitPattern: row.keyGenerations))
        newMessages[9].append(row.replyTo)
        newMessages[10].append(row.sentAt)
        newMessages[11].append(row.tombstone?.by)
        newMessages[12].append(row.tombstone?.ord)
        newMessages[13].append(row.tombstone?.reason)
        newMessages[14].append(row.content?.bytes)
        newMessages[15].append(row.currentOrd)
        newMessages[16].append(row.sourceVersion)
        newMessages[17].append(row.isDisputed)
    }

    private func update(_ key: ConversationMessage, _ row: MessageRow) {
        messages[0].append(key.conversation)
        messages[1].append(row.ord)
        messages[2].append(key.message)
        messages[3].append(row.current)
        messages[4].append(row.isOriginalWithdrawn)
        messages[5].append(row.tombstone?.by)
        messages[6].append(row.tombstone?.ord)
        messages[7].append(row.tombstone?.reason)
        messages[8].append(row.currentOrd)
        messages[9].append(row.sourceVersion)
        messages[10].append(row.isDisputed)
    }

    private func replace(_ key: ConversationMessage, _ row: MessageRow) {
        originals[0].append(key.conversation)
        originals[1].append(row.ord)
        originals[2].append(key.message)
        originals[3].append(row.original)
        originals[4].append(high: row.digest.value.high, low: row.digest.value.low)
        originals[5].append(Int64(bitPattern: row.keyGenerations))
        originals[6].append(row.replyTo)
        originals[7].append(row.sentAt)
        originals[8].append(row.content?.bytes)
    }

    private func replace(_ key: ConversationMessage, _ row: VersionRow) {
        replacedVersions[0].append(key.conversation)
        replacedVersions[1].append(key.message)
        replacedVersions[2].append(row.ord)
        replacedVersions[3].append(row.sourceVersion)
        replacedVersions[4].append((row.digest?.value).map { MessageID($0) })
        replacedVersions[5].append(row.content?.bytes)
        replacedVersions[6].append(Int64(bitPattern: row.keyGenerations))
        replacedVersions[7].append(row.id)
    }

    private func insert(_ key: ConversationMessage, _ row: VersionRow) {
        versions[0].append(key.conversation)
        versions[1].append(key.message)
        versions[2].append(row.ord)
        versions[3].append(row.id)
        versions[4].append(row.isWithdrawn)
        versions[5].append(Int64(bitPattern: row.keyGenerations))
        versions[6].append(row.content?.bytes)
        versions[7].append(row.sourceVersion)
        versions[8].append((row.digest?.value).map { MessageID($0) })
    }

    private func upsert(_ key: ReactionKey, _ row: ReactionRow) {
        reactions[0].append(key.target.conversation)
        reactions[1].append(key.target.message)
        reactions[2].append(key.reaction)
        reactions[3].append(key.member)
        reactions[4].append(row.on)
        reactions[5].append(row.ord)
    }

    private func insert(_ rejected: Rejection) {
        rejections[0].append(Int64(rejected.partition))
        rejections[1].append(rejected.offset)
        rejections[2].append(rejected.conversation)
        rejections[3].append(rejected.command)
        rejections[4].append(rejected.ord)
        rejections[5].append(rejected.actor)
        rejections[6].append(Array(rejected.name.utf8))
        rejections[7].append(Int64(rejected.reason.rawValue))
    }
}
