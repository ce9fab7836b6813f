import Projection
public import ViewStorage

/// The tables of the personal-metadata view on SQLite. Identifiers are 16-byte blobs, ords and member ords microseconds.
public enum PersonalMetadataSchema {
    /// "PlPe"
    public static let definition = ViewDatabase.Definition(
        projection: .personal, applicationID: 0x506c_5065,
        migrations: [
            [
                conversation, ConversationSchema.participant, messageRef, ConversationSchema.judged,
                ConversationSchema.orphan, member, memberJudged, personalConversation, personalMessage, personalOrphan,
            ].joined(separator: "\n"),
            ConversationSchema.legacyColumns + legacyColumns, personalOrphanByCommand,
        ])

    /// As in the shared-content view, without title. The indexes are for mailboxes that merge big conversations.
    static let conversation = """
        CREATE TABLE conversation (
            conversation BLOB PRIMARY KEY,
            last_ord INTEGER NOT NULL,
            kind INTEGER,
            history INTEGER NOT NULL,
            closed INTEGER NOT NULL,
            participant_count INTEGER NOT NULL,
            waiting_count INTEGER NOT NULL,
            last_send INTEGER NOT NULL,
            big INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX conversation_big_send ON conversation (conversation, last_send) WHERE big = 1;
        CREATE INDEX conversation_big_ord ON conversation (last_ord DESC, last_send) WHERE big = 1;
        """

    /// Points to the shared record of a message.
    static let messageRef = """
        CREATE TABLE message_ref (
            conversation BLOB NOT NULL,
            ord INTEGER NOT NULL,
            message BLOB NOT NULL,
            sender BLOB NOT NULL,
            deleted INTEGER NOT NULL,
            PRIMARY KEY (conversation, ord, message)) WITHOUT ROWID;
        CREATE UNIQUE INDEX message_ref_by_id ON message_ref (conversation, message);
        """

    /// `indexed`: 1 once the mailbox is so large that messages are fanned out to its rows; see `personal_conversation`.
    static let member = """
        CREATE TABLE member (
            member BLOB PRIMARY KEY,
            last_ord INTEGER NOT NULL,
            waiting_count INTEGER NOT NULL,
            dropped_count INTEGER NOT NULL,
            conversation_count INTEGER NOT NULL,
            indexed INTEGER NOT NULL) WITHOUT ROWID;
        """

    /// Every id of a personal command judged, for good; reads keep only the last one, in `personal_conversation`.
    static let memberJudged = """
        CREATE TABLE member_judged (
            member BLOB NOT NULL,
            command BLOB NOT NULL,
            PRIMARY KEY (member, command)) WITHOUT ROWID;
        """

    /// One row per member and conversation. `placement` says how a mailbox finds it: 0 by the index; 1 inside a big
    /// conversation, merged at read time; 2 in a mailbox so small (`member.indexed` = 0) that all of it is. `activity`,
    /// `archived` and `attention` follow from the other columns, are there for the indexes, and are 0 but in placement 0.
    /// Of a member inside, `last_seen_send` is up to date only in placement 0.
    static let personalConversation = """
        CREATE TABLE personal_conversation (
            member BLOB NOT NULL,
            conversation BLOB NOT NULL,
            read_private INTEGER NOT NULL,
            read_public INTEGER NOT NULL,
            own_last INTEGER NOT NULL,
            last_read INTEGER NOT NULL,
            last_read_id BLOB,
            marked INTEGER NOT NULL,
            muted INTEGER NOT NULL,
            muted_ord INTEGER NOT NULL,
            archived_up_to INTEGER,
            archived_ord INTEGER NOT NULL,
            joined INTEGER,
            left_ord INTEGER,
            last_seen_send INTEGER NOT NULL,
            placement INTEGER NOT NULL,
            activity INTEGER NOT NULL,
            archived INTEGER NOT NULL,
            attention INTEGER NOT NULL,
            PRIMARY KEY (member, conversation)) WITHOUT ROWID;
        CREATE INDEX mailbox ON personal_conversation (member, archived, activity DESC, conversation)
            WHERE placement = 0 AND joined IS NOT NULL;
        CREATE INDEX mailbox_attention ON personal_conversation (member, conversation) WHERE attention = 1;
        CREATE INDEX mailbox_big ON personal_conversation (member, conversation, read_private, read_public, own_last,
            marked, last_read, muted, archived_up_to, joined, left_ord, last_seen_send) WHERE placement = 1;
        CREATE INDEX last_read_id ON personal_conversation (member, last_read_id) WHERE last_read_id IS NOT NULL;
        """

    /// Sparse: stars and hides, of messages known or not.
    static let personalMessage = """
        CREATE TABLE personal_message (
            member BLOB NOT NULL,
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            starred INTEGER NOT NULL,
            starred_ord INTEGER NOT NULL,
            hidden INTEGER NOT NULL,
            hidden_ord INTEGER NOT NULL,
            PRIMARY KEY (member, conversation, message)) WITHOUT ROWID;
        CREATE INDEX personal_message_starred ON personal_message (member, conversation, message) WHERE starred = 1;
        CREATE INDEX personal_message_hidden ON personal_message (member, conversation, message) WHERE hidden = 1;
        """

    /// For copies in a legacy mailbox. A row of `personal_message` may have a copy's read flag (`read`, null where none
    /// decides), its source version, and the message's ord; `unread_flags` counts those of the row's conversation that are 0.
    /// `reads`, mostly null, is ``ReadReach``: pairs of 8-byte integers, big-endian.
    static let legacyColumns = """
        ALTER TABLE personal_message ADD COLUMN read INTEGER;
        ALTER TABLE personal_message ADD COLUMN flagged INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE personal_message ADD COLUMN ord INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE personal_conversation ADD COLUMN unread_flags INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE personal_conversation ADD COLUMN reads BLOB;
        DROP INDEX personal_message_hidden;
        CREATE INDEX personal_message_set_aside ON personal_message (member, conversation, message)
            WHERE hidden = 1 OR read = 1;
        CREATE INDEX personal_message_unread ON personal_message (member, conversation, ord, message) WHERE read = 0;
        DROP INDEX mailbox_big;
        CREATE INDEX mailbox_big ON personal_conversation (member, conversation, read_private, read_public, own_last,
            marked, last_read, muted, archived_up_to, joined, left_ord, last_seen_send, unread_flags) WHERE placement = 1;
        """

    /// Reads and archives that wait for their message. `effect`: 0 public read, 1 private read, 2 archive.
    static let personalOrphan = """
        CREATE TABLE personal_orphan (
            member BLOB NOT NULL,
            member_ord INTEGER NOT NULL,
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            command BLOB NOT NULL,
            effect INTEGER NOT NULL,
            PRIMARY KEY (member, member_ord)) WITHOUT ROWID;
        CREATE INDEX personal_orphan_by_message ON personal_orphan (conversation, message);
        """

    /// Commands of one microsecond, of which a legacy system gave some, wait side by side.
    static let personalOrphanByCommand = """
        ALTER TABLE personal_orphan RENAME TO personal_orphan_before;
        CREATE TABLE personal_orphan (
            member BLOB NOT NULL,
            member_ord INTEGER NOT NULL,
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            command BLOB NOT NULL,
            effect INTEGER NOT NULL,
            PRIMARY KEY (member, member_ord, command)) WITHOUT ROWID;
        INSERT INTO personal_orphan SELECT * FROM personal_orphan_before ORDER BY member, member_ord;
        DROP TABLE personal_orphan_before;
        CREATE INDEX personal_orphan_by_message ON personal_orphan (conversation, message);
        """
}
