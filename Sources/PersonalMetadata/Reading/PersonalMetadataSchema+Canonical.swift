import Messaging
public import ViewStorage

extension PersonalMetadataSchema {
    /// The view as every store shows it. Columns that only serve a store's indexes are left out, and so is what a later
    /// copy of a record moves without changing any answer: last ords, and which read was the last.
    public static let canonical: [CanonicalTable] =
        [
            CanonicalTable(
                "conversation", key: ["conversation"],
                [
                    .init("conversation", .id), .init("kind", .kind),
                    .init("history", .history),
                    .init("closed", .flag), .init("participant_count", .integer), .init("waiting_count", .integer),
                    .init("last_send", .integer), .init("big", .flag), .init("founder", .id),
                ]),
            CanonicalTable(
                "participant", key: ["conversation", "member", "joined_ord"],
                [
                    .init("conversation", .id), .init("member", .id), .init("joined_ord", .integer),
                    .init("left_ord", .integer), .init("moderator", .flag),
                ]),
            CanonicalTable(
                "message_ref", key: ["conversation", "ord", "message"],
                [
                    .init("conversation", .id), .init("ord", .integer), .init("message", .id), .init("sender", .id),
                    .init("deleted", .flag),
                ]),
            CanonicalTable(
                "judged", key: ["conversation", "command"], [.init("conversation", .id), .init("command", .id)]),
            CanonicalTable(
                "orphan", key: ["conversation", "message", "ord"],
                [
                    .init("conversation", .id), .init("message", .id), .init("ord", .integer),
                    .init("partition", .integer),
                    .init("record_offset", .integer), .init("append_time", .integer),
                    .init("actor_participates", .flag),
                    .init("actor_moderates", .flag), .init("record", .bytes),
                ]),
        ] + membersOwn

    /// Up to date whether the row is indexed or merged at read time.
    private static let lastSeenSend = """
        CASE WHEN joined IS NULL OR left_ord IS NOT NULL THEN last_seen_send
        ELSE coalesce((SELECT c.last_send FROM conversation AS c WHERE c.conversation = personal_conversation.conversation
            AND c.last_send >= personal_conversation.joined AND c.last_send > personal_conversation.last_seen_send),
            last_seen_send) END
        """

    private static let membersOwn: [CanonicalTable] = [
        CanonicalTable(
            "member", key: ["member"],
            [
                .init("member", .id), .init("waiting_count", .integer), .init("dropped_count", .integer),
                .init("conversation_count", .integer),
            ]),
        CanonicalTable("member_judged", key: ["member", "command"], [.init("member", .id), .init("command", .id)]),
        CanonicalTable(
            "personal_conversation", key: ["member", "conversation"],
            [
                .init("member", .id), .init("conversation", .id), .init("read_private", .integer),
                .init("read_public", .integer), .init("own_last", .integer),
                .init("marked_unread", .flag, as: "marked > last_read"), .init("muted", .flag),
                .init("muted_ord", .integer), .init("archived_up_to", .integer), .init("archived_ord", .integer),
                .init("joined", .integer), .init("left_ord", .integer),
                .init("last_seen_send", .integer, as: lastSeenSend),
                .init("unread_flags", .integer),
            ]),
        CanonicalTable(
            "personal_message", key: ["member", "conversation", "message"],
            [
                .init("member", .id), .init("conversation", .id), .init("message", .id), .init("starred", .flag),
                .init("starred_ord", .integer), .init("hidden", .flag), .init("hidden_ord", .integer),
                .init("read", .flag), .init("flagged", .integer), .init("ord", .integer),
            ]),
        CanonicalTable(
            "personal_orphan", key: ["member", "member_ord", "command"],
            [
                .init("member", .id), .init("member_ord", .integer), .init("conversation", .id), .init("message", .id),
                .init("command", .id), .init("effect", .integer),
            ]),
    ]
}
