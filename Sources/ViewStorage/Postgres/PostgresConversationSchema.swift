/// The tables that both views keep for the conversation fold, as ``ConversationSchema`` on SQLite. Identifiers are `uuid`,
/// which compares as its 16 bytes; ords are microseconds; flags and words are `smallint`.
///
/// Pages of rows that change keep room, so that a change stays in its page and touches no index.
public enum PostgresConversationSchema {
    /// - Parameter titles: columns of the title, with a comma behind; empty in the personal view.
    public static func conversation(titles: String) -> String {
        """
        CREATE TABLE conversation (
            conversation uuid PRIMARY KEY,
            last_ord bigint NOT NULL,
            last_send bigint NOT NULL,
            participant_count integer NOT NULL,
            waiting_count integer NOT NULL,
            kind smallint,
            history smallint NOT NULL,
            closed smallint NOT NULL,
            \(titles)
            big smallint NOT NULL) WITH (fillfactor = 70);
        """
    }

    public static let participant = """
        CREATE TABLE participant (
            conversation uuid NOT NULL,
            member uuid NOT NULL,
            joined_ord bigint NOT NULL,
            left_ord bigint,
            moderator smallint NOT NULL,
            PRIMARY KEY (conversation, member, joined_ord)) WITH (fillfactor = 90);
        """

    /// As ``ConversationSchema/legacyColumns``.
    public static let legacyColumns = """
        ALTER TABLE conversation ADD COLUMN founder uuid;
        ALTER TABLE conversation ADD COLUMN last_left bigint NOT NULL DEFAULT 0;
        UPDATE conversation c SET last_left = p.last_left FROM (SELECT conversation, max(left_ord) AS last_left
            FROM participant WHERE left_ord IS NOT NULL GROUP BY conversation) AS p WHERE p.conversation = c.conversation;

        """

    /// Nearly every batch changes nearly every row of a busy table: with less room a change moves to another page, and
    /// touches the index.
    public static let roomForChanges = """
        ALTER TABLE conversation SET (fillfactor = 50);

        """

    public static let judged = """
        CREATE TABLE judged (
            conversation uuid NOT NULL,
            command uuid NOT NULL,
            PRIMARY KEY (conversation, command));
        """

    public static let orphan = """
        CREATE TABLE orphan (
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            ord bigint NOT NULL,
            record_offset bigint NOT NULL,
            append_time bigint NOT NULL,
            partition integer NOT NULL,
            actor_participates smallint NOT NULL,
            actor_moderates smallint NOT NULL,
            record bytea NOT NULL,
            PRIMARY KEY (conversation, message, ord));
        """
}
