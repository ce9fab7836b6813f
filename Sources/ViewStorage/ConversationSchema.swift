/// The tables that both views keep for the conversation fold, the same in both; ``ConversationRowsLoader`` and
/// ``ConversationRowsWriter`` read and write them. Identifiers are 16-byte blobs, ords microseconds.
public enum ConversationSchema {
    /// One row an interval; `left_ord` is null while the member is inside.
    public static let participant = """
        CREATE TABLE participant (
            conversation BLOB NOT NULL,
            member BLOB NOT NULL,
            joined_ord INTEGER NOT NULL,
            left_ord INTEGER,
            moderator INTEGER NOT NULL,
            PRIMARY KEY (conversation, member, joined_ord)) WITHOUT ROWID;
        """

    /// For what comes from a legacy mailbox, since version 2: who made the thread, and up to when anybody left.
    public static let legacyColumns = """
        ALTER TABLE conversation ADD COLUMN founder BLOB;
        ALTER TABLE conversation ADD COLUMN last_left INTEGER NOT NULL DEFAULT 0;
        UPDATE conversation SET last_left = coalesce((SELECT max(p.left_ord) FROM participant p
            WHERE p.conversation = conversation.conversation), 0);

        """

    /// Every command id judged in a conversation, for good.
    public static let judged = """
        CREATE TABLE judged (
            conversation BLOB NOT NULL,
            command BLOB NOT NULL,
            PRIMARY KEY (conversation, command)) WITHOUT ROWID;
        """

    /// Edits, deletes and reactions that wait for their message; `record` is the record's bytes as in the log. In the
    /// personal view edits and reactions wait as well: they count, but change nothing there.
    public static let orphan = """
        CREATE TABLE orphan (
            conversation BLOB NOT NULL,
            message BLOB NOT NULL,
            ord INTEGER NOT NULL,
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            append_time INTEGER NOT NULL,
            actor_participates INTEGER NOT NULL,
            actor_moderates INTEGER NOT NULL,
            record BLOB NOT NULL,
            PRIMARY KEY (conversation, message, ord)) WITHOUT ROWID;
        """
}
