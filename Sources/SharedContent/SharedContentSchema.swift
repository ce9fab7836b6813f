import Messaging
import Projection
public import ViewStorage

/// The tables of the shared-content view on SQLite. Everything is clustered by conversation; identifiers are 16-byte
/// blobs, ords microseconds.
public enum SharedContentSchema {
    /// "PlSh"
    public static let definition = ViewDatabase.Definition(
        projection: .shared, applicationID: 0x506c_5368,
        migrations: [
            [
                conversation, ConversationSchema.participant, participantByJoining, message, version, reaction,
                ConversationSchema.judged, rejection, ConversationSchema.orphan,
            ].joined(separator: "\n"),
            ConversationSchema.legacyColumns + legacyColumns, versionByID,
        ])

    /// One row as soon as any record named the conversation; `kind` is null until somebody creates it.
    static let conversation = """
        CREATE TABLE conversation (
            conversation BLOB PRIMARY KEY,
            last_ord INTEGER NOT NULL,
            kind INTEGER,
            history INTEGER NOT NULL,
            closed INTEGER NOT NULL,
            title BLOB, title_author BLOB, title_command BLOB, title_ord INTEGER,
            participant_count INTEGER NOT NULL,
            waiting_count INTEGER NOT NULL,
            last_send INTEGER NOT NULL,
            big INTEGER NOT NULL) WITHOUT ROWID;
        """

    /// For lists of participants in order of joining.
    static let participantByJoining =
        "CREATE INDEX participant_by_joining ON participant (conversation, joined_ord, member);"

    /// `content` is the original's; `current` names the version in force, null in a tombstone. `keys` says which key
    /// generations sealed the original, and stays when the content goes.
    static let message = """
        CREATE TABLE message (
            conversation BLOB NOT NULL,
            ord INTEGER NOT NULL,
            message BLOB NOT NULL,
            sender BLOB NOT NULL,
            original BLOB NOT NULL,
            current BLOB,
            original_withdrawn INTEGER NOT NULL,
            digest BLOB NOT NULL,
            keys INTEGER NOT NULL,
            reply_to BLOB,
            sent_at BLOB,
            deleted_by BLOB, deleted_ord INTEGER, delete_reason BLOB,
            content BLOB,
            PRIMARY KEY (conversation, ord, message)) WITHOUT ROWID;
        CREATE UNIQUE INDEX message_by_id ON message (conversation, message);
        """

    /// What legacy copies are merged by: of an original and of an edit the highest source version of a copy that gave it
    /// (null of Parley's own), of an edit its content's digest; `disputed` where copies disagreed. `current_ord` is the ord
    /// of the version in force where an edit made it.
    static let legacyColumns = """
        ALTER TABLE message ADD COLUMN current_ord INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE message ADD COLUMN source_version INTEGER;
        ALTER TABLE message ADD COLUMN disputed INTEGER NOT NULL DEFAULT 0;
        UPDATE message SET current_ord = (SELECT v.ord FROM version v WHERE v.conversation = message.conversation
            AND v.message = message.message AND v.version = message.current)
        WHERE EXISTS (SELECT 1 FROM version v WHERE v.conversation = message.conversation
            AND v.message = message.message AND v.version = message.current);
        ALTER TABLE version ADD COLUMN source_version INTEGER;
        ALTER TABLE version ADD COLUMN digest BLOB;
        """

    /// The versions that edits made; the original's is in `message`. `keys` as there.
    static let version = """
        CREATE TABLE version (
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            ord INTEGER NOT NULL,
            version BLOB NOT NULL,
            withdrawn INTEGER NOT NULL,
            keys INTEGER NOT NULL,
            content BLOB,
            PRIMARY KEY (conversation, message, ord)) WITHOUT ROWID;
        """

    /// Edits of one microsecond, of which a legacy system made some, are versions side by side.
    static let versionByID = """
        ALTER TABLE version RENAME TO version_before;
        CREATE TABLE version (
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            ord INTEGER NOT NULL,
            version BLOB NOT NULL,
            withdrawn INTEGER NOT NULL,
            keys INTEGER NOT NULL,
            content BLOB,
            source_version INTEGER,
            digest BLOB,
            PRIMARY KEY (conversation, message, ord, version)) WITHOUT ROWID;
        INSERT INTO version SELECT * FROM version_before ORDER BY conversation, message, ord;
        DROP TABLE version_before;
        """

    /// A register per (message, reaction, member); rows that are off stay, because the latest decides.
    static let reaction = """
        CREATE TABLE reaction (
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            reaction BLOB NOT NULL,
            member BLOB NOT NULL,
            "on" INTEGER NOT NULL,
            ord INTEGER NOT NULL,
            PRIMARY KEY (conversation, message, reaction, member)) WITHOUT ROWID;
        """

    static let rejection = """
        CREATE TABLE rejection (
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            conversation BLOB NOT NULL,
            command BLOB NOT NULL,
            ord INTEGER NOT NULL,
            actor BLOB NOT NULL,
            name TEXT NOT NULL,
            reason INTEGER NOT NULL,
            PRIMARY KEY (partition, record_offset)) WITHOUT ROWID;
        CREATE INDEX rejection_by_actor ON rejection (actor, partition, record_offset);
        """
}
