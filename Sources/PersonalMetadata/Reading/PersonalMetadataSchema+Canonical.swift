import Messaging
public import ViewStorage

extension PersonalMetadataSchema {
    /// The view as every store shows it. Columns that only serve a store's indexes are left out.
    public static let canonical: [CanonicalTable] =
        [
            CanonicalTable(
                "conversation", key: ["conversation"],
                [
                    .init("conversation", .id), .init("last_ord", .integer), .init("kind", .kind),
                    .init("history", .history),
                    .init("closed", .flag), .init("participant_count", .integer), .init("waiting_count", .integer),
                    .init("last_send", .integer), .init("big", .flag),
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

    private static let membersOwn: [CanonicalTable] = [
        CanonicalTable(
            "member", key: ["member"],
            [
                .init("member", .id), .init("last_ord", .integer), .init("waiting_count", .integer),
                .init("dropped_count", .integer), .init("conversation_count", .integer), .init("indexed", .flag),
            ]),
        CanonicalTable("member_judged", key: ["member", "command"], [.init("member", .id), .init("command", .id)]),
        CanonicalTable(
            "personal_conversation", key: ["member", "conversation"],
            [
                .init("member", .id), .init("conversation", .id), .init("read_private", .integer),
                .init("read_public", .integer), .init("own_last", .integer), .init("last_read", .integer),
                .init("last_read_id", .id), .init("marked", .integer), .init("muted", .flag),
                .init("muted_ord", .integer), .init("archived_up_to", .integer), .init("archived_ord", .integer),
                .init("joined", .integer), .init("left_ord", .integer), .init("last_seen_send", .integer),
                .init("placement", .integer),
            ]),
        CanonicalTable(
            "personal_message", key: ["member", "conversation", "message"],
            [
                .init("member", .id), .init("conversation", .id), .init("message", .id), .init("starred", .flag),
                .init("starred_ord", .integer), .init("hidden", .flag), .init("hidden_ord", .integer),
            ]),
        CanonicalTable(
            "personal_orphan", key: ["member", "member_ord"],
            [
                .init("member", .id), .init("member_ord", .integer), .init("conversation", .id), .init("message", .id),
                .init("command", .id), .init("effect", .integer),
            ]),
    ]
}
