import Projection
public import ViewStorage

extension SharedContentSchema {
    /// The tables of the shared-content view on PostgreSQL: those of SQLite, with `uuid`, `bigint`, `smallint` and `bytea`.
    ///
    /// Only the owner of a conversation's partition writes its rows, so projectors of different partitions work side by side.
    public static let postgres = PostgresViewDatabase.Definition(
        projection: .shared, schema: "parley_shared",
        migrations: [
            [
                PostgresConversationSchema.conversation(
                    titles: "title bytea, title_author uuid, title_command uuid, title_ord bigint,"),
                PostgresConversationSchema.participant,
                "CREATE INDEX participant_by_joining ON participant (conversation, joined_ord, member);",
                postgresMessage, postgresVersion, postgresReaction, PostgresConversationSchema.judged,
                postgresRejection,
                PostgresConversationSchema.orphan,
            ].joined(separator: "\n"),
            PostgresConversationSchema.legacyColumns + postgresLegacyColumns,
            postgresVersionByID + PostgresConversationSchema.roomForChanges,
        ], sharesRows: false)

    /// As ``versionByID``.
    private static let postgresVersionByID = """
        ALTER TABLE version DROP CONSTRAINT version_pkey, ADD PRIMARY KEY (conversation, message, ord, version);

        """

    private static let postgresLegacyColumns = """
        ALTER TABLE message ADD COLUMN current_ord bigint NOT NULL DEFAULT 0;
        ALTER TABLE message ADD COLUMN source_version bigint;
        ALTER TABLE message ADD COLUMN disputed smallint NOT NULL DEFAULT 0;
        UPDATE message SET current_ord = (SELECT v.ord FROM version v WHERE v.conversation = message.conversation
            AND v.message = message.message AND v.version = message.current)
        WHERE EXISTS (SELECT 1 FROM version v WHERE v.conversation = message.conversation
            AND v.message = message.message AND v.version = message.current);
        ALTER TABLE version ADD COLUMN source_version bigint;
        ALTER TABLE version ADD COLUMN digest uuid;
        """

    private static let postgresMessage = """
        CREATE TABLE message (
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            ord bigint NOT NULL,
            keys bigint NOT NULL,
            deleted_ord bigint,
            sender uuid NOT NULL,
            original uuid NOT NULL,
            current uuid,
            digest uuid NOT NULL,
            reply_to uuid,
            deleted_by uuid,
            original_withdrawn smallint NOT NULL,
            sent_at bytea,
            delete_reason bytea,
            content bytea,
            PRIMARY KEY (conversation, ord, message)) WITH (fillfactor = 95);
        CREATE UNIQUE INDEX message_by_id ON message (conversation, message);
        """

    private static let postgresVersion = """
        CREATE TABLE version (
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            ord bigint NOT NULL,
            keys bigint NOT NULL,
            version uuid NOT NULL,
            withdrawn smallint NOT NULL,
            content bytea,
            PRIMARY KEY (conversation, message, ord));
        """

    private static let postgresReaction = """
        CREATE TABLE reaction (
            conversation uuid NOT NULL,
            message uuid NOT NULL,
            member uuid NOT NULL,
            ord bigint NOT NULL,
            "on" smallint NOT NULL,
            reaction bytea NOT NULL,
            PRIMARY KEY (conversation, message, reaction, member)) WITH (fillfactor = 90);
        """

    private static let postgresRejection = """
        CREATE TABLE rejection (
            record_offset bigint NOT NULL,
            ord bigint NOT NULL,
            conversation uuid NOT NULL,
            command uuid NOT NULL,
            actor uuid NOT NULL,
            partition integer NOT NULL,
            reason smallint NOT NULL,
            name text NOT NULL,
            PRIMARY KEY (partition, record_offset));
        CREATE INDEX rejection_by_actor ON rejection (actor, partition, record_offset);
        """
}
