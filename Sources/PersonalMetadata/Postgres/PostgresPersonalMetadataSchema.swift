import Projection
public import ViewStorage

extension PersonalMetadataSchema {
    /// The tables of the personal-metadata view on PostgreSQL: those of SQLite, with `uuid`, `bigint` and `smallint`.
    ///
    /// Records of any partition touch members' rows, and a read that waits must meet its message whichever comes first:
    /// batches come one after another, whoever projects them. More projectors keep the view going when one dies; they do not
    /// make it faster.
    public static let postgres = PostgresViewDatabase.Definition(
        projection: .personal, schema: "parley_personal",
        migrations: [
            [
                PostgresConversationSchema.conversation(titles: ""), PostgresConversationSchema.participant,
                postgresMessageRef, PostgresConversationSchema.judged, PostgresConversationSchema.orphan,
                postgresMember,
                postgresMemberJudged, postgresPersonalConversation, postgresPersonalMessage, postgresPersonalOrphan,
            ].joined(separator: "\n"),
            postgresLastReadByID, PostgresConversationSchema.legacyColumns + postgresLegacyColumns,
            postgresOrphanByCommand + PostgresConversationSchema.roomForChanges + postgresBigConversations,
            postgresNeverInside,
        ], sharesRows: true)

    private static let postgresMessageRef = """
        CREATE TABLE message_ref (
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            ord bigint NOT NULL,
            sender uuid NOT NULL,
            deleted smallint NOT NULL,
            PRIMARY KEY (conversation, ord, message));
        CREATE UNIQUE INDEX message_ref_by_id ON message_ref (conversation, message);
        """

    private static let postgresMember = """
        CREATE TABLE member (
            member uuid PRIMARY KEY,
            last_ord bigint NOT NULL,
            dropped_count bigint NOT NULL,
            waiting_count integer NOT NULL,
            conversation_count integer NOT NULL,
            indexed smallint NOT NULL) WITH (fillfactor = 70);
        """

    private static let postgresMemberJudged = """
        CREATE TABLE member_judged (
            member uuid NOT NULL,
            command uuid NOT NULL,
            PRIMARY KEY (member, command));
        """

    /// No index holds a column that a read or a message in a small mailbox changes, but for `last_read_id`.
    private static let postgresPersonalConversation = """
        CREATE TABLE personal_conversation (
            member uuid NOT NULL,
            conversation uuid NOT NULL,
            read_private bigint NOT NULL,
            read_public bigint NOT NULL,
            own_last bigint NOT NULL,
            last_read bigint NOT NULL,
            marked bigint NOT NULL,
            muted_ord bigint NOT NULL,
            archived_up_to bigint,
            archived_ord bigint NOT NULL,
            joined bigint,
            left_ord bigint,
            last_seen_send bigint NOT NULL,
            activity bigint NOT NULL,
            last_read_id uuid,
            muted smallint NOT NULL,
            placement smallint NOT NULL,
            archived smallint NOT NULL,
            attention smallint NOT NULL,
            PRIMARY KEY (member, conversation)) WITH (fillfactor = 80);
        CREATE INDEX mailbox ON personal_conversation (member, archived, activity DESC, conversation)
            WHERE placement = 0 AND joined IS NOT NULL;
        CREATE INDEX mailbox_attention ON personal_conversation (member, conversation) WHERE attention = 1;
        CREATE INDEX mailbox_merged ON personal_conversation (member, conversation) WHERE placement <> 0;
        CREATE INDEX last_read_id ON personal_conversation (member, last_read_id) WHERE last_read_id IS NOT NULL;
        """

    /// By the id alone: with the member before it, the planner of a young table may take the primary key and walk all of a
    /// member's mailbox.
    private static let postgresLastReadByID = """
        DROP INDEX last_read_id;
        CREATE INDEX last_read_id ON personal_conversation (last_read_id) WHERE last_read_id IS NOT NULL;
        """

    private static let postgresPersonalMessage = """
        CREATE TABLE personal_message (
            member uuid NOT NULL,
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            starred_ord bigint NOT NULL,
            hidden_ord bigint NOT NULL,
            starred smallint NOT NULL,
            hidden smallint NOT NULL,
            PRIMARY KEY (member, conversation, message)) WITH (fillfactor = 90);
        CREATE INDEX personal_message_starred ON personal_message (member, conversation, message) WHERE starred = 1;
        CREATE INDEX personal_message_hidden ON personal_message (member, conversation, message) WHERE hidden = 1;
        """

    private static let postgresLegacyColumns = """
        ALTER TABLE personal_message ADD COLUMN read smallint;
        ALTER TABLE personal_message ADD COLUMN flagged bigint NOT NULL DEFAULT 0;
        ALTER TABLE personal_message ADD COLUMN ord bigint NOT NULL DEFAULT 0;
        ALTER TABLE personal_conversation ADD COLUMN unread_flags bigint NOT NULL DEFAULT 0;
        ALTER TABLE personal_conversation ADD COLUMN reads bytea;
        CREATE INDEX personal_message_unread ON personal_message (member, conversation, ord, message) WHERE read = 0;
        """

    private static let postgresPersonalOrphan = """
        CREATE TABLE personal_orphan (
            member uuid NOT NULL,
            member_ord bigint NOT NULL,
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            command uuid NOT NULL,
            effect smallint NOT NULL,
            PRIMARY KEY (member, member_ord));
        CREATE INDEX personal_orphan_by_message ON personal_orphan (conversation, message);
        """

    /// As ``personalOrphanByCommand``.
    private static let postgresOrphanByCommand = """
        ALTER TABLE personal_orphan DROP CONSTRAINT personal_orphan_pkey,
            ADD PRIMARY KEY (member, member_ord, command);

        """

    /// An index of big conversations alone: those of a small mailbox are found by the primary key, and a row that an index
    /// less lists is written faster.
    private static let postgresBigConversations = """
        DROP INDEX mailbox_merged;
        CREATE INDEX mailbox_big ON personal_conversation (member, conversation) WHERE placement = 1;
        ALTER TABLE member SET (fillfactor = 50);
        """

    /// Rows of conversations that their members never were in, which are few: who has none has no row of a new conversation.
    private static let postgresNeverInside = """
        CREATE INDEX never_inside ON personal_conversation (member) WHERE joined IS NULL;
        """
}
