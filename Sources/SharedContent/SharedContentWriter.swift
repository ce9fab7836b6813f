import Messaging
import SQLite
import ViewStorage

/// Writes what a batch changed, one prepared statement a table, each row once.
struct SharedContentWriter {
    private let rows: ConversationRowsWriter
    private let newMessage: Statement
    private let message: Statement
    private let original: Statement
    private let version: Statement
    private let replacedVersion: Statement
    private let withdrawnVersion: Statement
    private let deletedVersions: Statement
    private let deletedReactions: Statement
    private let reaction: Statement
    private let rejection: Statement

    init(_ connection: Connection) throws {
        rows = try ConversationRowsWriter(connection, hasTitles: true)
        newMessage = try connection.prepare(
            """
            INSERT INTO message (conversation, message, ord, sender, original, current, original_withdrawn, digest, keys,
                reply_to, sent_at, deleted_by, deleted_ord, delete_reason, content, current_ord, source_version, disputed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
            """)
        message = try connection.prepare(
            """
            UPDATE message SET current = ?4, original_withdrawn = ?5, deleted_by = ?6, deleted_ord = ?7, delete_reason = ?8,
                current_ord = ?9, source_version = ?10, disputed = ?11, content = CASE WHEN ?5 OR ?6 IS NOT NULL THEN NULL ELSE content END
            WHERE conversation = ?1 AND ord = ?2 AND message = ?3
            """)
        original = try connection.prepare(
            """
            UPDATE message SET original = ?4, digest = ?5, keys = ?6, reply_to = ?7, sent_at = ?8, content = ?9
            WHERE conversation = ?1 AND ord = ?2 AND message = ?3
            """)
        version = try connection.prepare(
            """
            INSERT INTO version (conversation, message, ord, version, withdrawn, keys, content, source_version, digest)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        replacedVersion = try connection.prepare(
            """
            UPDATE version SET source_version = ?4, digest = ?5, content = coalesce(?6, content),
                keys = CASE WHEN ?6 IS NULL THEN keys ELSE ?7 END
            WHERE conversation = ?1 AND message = ?2 AND ord = ?3 AND version = ?8
            """)
        withdrawnVersion = try connection.prepare(
            """
            UPDATE version SET withdrawn = 1, content = NULL
            WHERE conversation = ? AND message = ? AND ord = ? AND version = ?
            """)
        deletedVersions = try connection.prepare(
            "UPDATE version SET content = NULL WHERE conversation = ? AND message = ?")
        deletedReactions = try connection.prepare("DELETE FROM reaction WHERE conversation = ? AND message = ?")
        reaction = try connection.prepare(
            """
            INSERT INTO reaction (conversation, message, reaction, member, "on", ord) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET "on" = ?5, ord = ?6
            """)
        rejection = try connection.prepare(
            """
            INSERT INTO rejection (partition, record_offset, conversation, command, ord, actor, name, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """)
    }

    func write(_ fold: ConversationFold) throws {
        try rows.write(fold)
        try fold.forEachMessage { key, row, isNew in
            if isNew { try insert(key, row) } else { try update(key, row) }
        }
        try fold.forEachReplacedOriginal(replace)
        try fold.forEachReplacedVersion(replace)
        try fold.forEachNewVersion { key, row in
            try version.bind(key.conversation, at: 1)
            try version.bind(key.message, at: 2)
            try version.bind(row.ord, at: 3)
            try version.bind(row.id, at: 4)
            try version.bind(row.isWithdrawn, at: 5)
            try version.bind(Int64(bitPattern: row.keyGenerations), at: 6)
            try version.bind(row.content?.bytes, at: 7)
            try version.bind(row.sourceVersion, at: 8)
            try version.bind((row.digest?.value).map { MessageID($0) }, at: 9)
            try version.run()
        }
        try fold.forEachWithdrawnVersion { key, row in
            try withdrawnVersion.bind(key.conversation, at: 1)
            try withdrawnVersion.bind(key.message, at: 2)
            try withdrawnVersion.bind(row.ord, at: 3)
            try withdrawnVersion.bind(row.id, at: 4)
            try withdrawnVersion.run()
        }
        try writeReactions(fold)
        for rejected in fold.changes.rejections { try write(rejected) }
    }

    private func insert(_ key: ConversationMessage, _ row: MessageRow) throws {
        try newMessage.bind(key.conversation, at: 1)
        try newMessage.bind(key.message, at: 2)
        try newMessage.bind(row.ord, at: 3)
        try newMessage.bind(row.sender, at: 4)
        try newMessage.bind(row.original, at: 5)
        try newMessage.bind(row.current, at: 6)
        try newMessage.bind(row.isOriginalWithdrawn, at: 7)
        try newMessage.bind(high: row.digest.value.high, low: row.digest.value.low, at: 8)
        try newMessage.bind(Int64(bitPattern: row.keyGenerations), at: 9)
        try newMessage.bind(row.replyTo, at: 10)
        try newMessage.bind(row.sentAt, at: 11)
        try newMessage.bind(row.tombstone?.by, at: 12)
        try newMessage.bind(row.tombstone?.ord, at: 13)
        try newMessage.bind(row.tombstone?.reason, at: 14)
        try newMessage.bind(row.content?.bytes, at: 15)
        try newMessage.bind(row.currentOrd, at: 16)
        try newMessage.bind(row.sourceVersion, at: 17)
        try newMessage.bind(row.isDisputed, at: 18)
        try newMessage.run()
    }

    private func update(_ key: ConversationMessage, _ row: MessageRow) throws {
        try message.bind(key.conversation, at: 1)
        try message.bind(row.ord, at: 2)
        try message.bind(key.message, at: 3)
        try message.bind(row.current, at: 4)
        try message.bind(row.isOriginalWithdrawn, at: 5)
        try message.bind(row.tombstone?.by, at: 6)
        try message.bind(row.tombstone?.ord, at: 7)
        try message.bind(row.tombstone?.reason, at: 8)
        try message.bind(row.currentOrd, at: 9)
        try message.bind(row.sourceVersion, at: 10)
        try message.bind(row.isDisputed, at: 11)
        try message.run()
    }

    private func replace(_ key: ConversationMessage, _ row: MessageRow) throws {
        try original.bind(key.conversation, at: 1)
        try original.bind(row.ord, at: 2)
        try original.bind(key.message, at: 3)
        try original.bind(row.original, at: 4)
        try original.bind(high: row.digest.value.high, low: row.digest.value.low, at: 5)
        try original.bind(Int64(bitPattern: row.keyGenerations), at: 6)
        try original.bind(row.replyTo, at: 7)
        try original.bind(row.sentAt, at: 8)
        try original.bind(row.content?.bytes, at: 9)
        try original.run()
    }

    private func replace(_ key: ConversationMessage, _ row: VersionRow) throws {
        try replacedVersion.bind(key.conversation, at: 1)
        try replacedVersion.bind(key.message, at: 2)
        try replacedVersion.bind(row.ord, at: 3)
        try replacedVersion.bind(row.sourceVersion, at: 4)
        try replacedVersion.bind((row.digest?.value).map { MessageID($0) }, at: 5)
        try replacedVersion.bind(row.content?.bytes, at: 6)
        try replacedVersion.bind(Int64(bitPattern: row.keyGenerations), at: 7)
        try replacedVersion.bind(row.id, at: 8)
        try replacedVersion.run()
    }

    private func writeReactions(_ fold: ConversationFold) throws {
        for key in fold.changes.deleted {
            for statement in [deletedVersions, deletedReactions] {
                try statement.bind(key.conversation, at: 1)
                try statement.bind(key.message, at: 2)
                try statement.run()
            }
        }
        try fold.forEachReaction { key, row in
            try reaction.bind(key.target.conversation, at: 1)
            try reaction.bind(key.target.message, at: 2)
            try reaction.bind(key.reaction, at: 3)
            try reaction.bind(key.member, at: 4)
            try reaction.bind(row.on, at: 5)
            try reaction.bind(row.ord, at: 6)
            try reaction.run()
        }
    }

    private func write(_ rejected: Rejection) throws {
        try rejection.bind(Int64(rejected.partition), at: 1)
        try rejection.bind(rejected.offset, at: 2)
        try rejection.bind(rejected.conversation, at: 3)
        try rejection.bind(rejected.command, at: 4)
        try rejection.bind(rejected.ord, at: 5)
        try rejection.bind(rejected.actor, at: 6)
        try rejection.bind(text: rejected.name, at: 7)
        try rejection.bind(Int64(rejected.reason.rawValue), at: 8)
        try rejection.run()
    }
}
