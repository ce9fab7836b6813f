import Messaging
public import ViewStorage

extension SharedContentSchema {
    /// The view as every store shows it.
    public static let canonical: [CanonicalTable] = [
        CanonicalTable(
            "conversation", key: ["conversation"],
            [
                .init("conversation", .id), .init("kind", .kind),
                .init("history", .history),
                .init("closed", .flag), .init("title", .bytes), .init("title_author", .id),
                .init("title_command", .id), .init("title_ord", .integer), .init("participant_count", .integer),
                .init("waiting_count", .integer), .init("last_send", .integer), .init("big", .flag),
                .init("founder", .id),
            ]),
        CanonicalTable(
            "participant", key: ["conversation", "member", "joined_ord"],
            [
                .init("conversation", .id), .init("member", .id), .init("joined_ord", .integer),
                .init("left_ord", .integer), .init("moderator", .flag),
            ]),
        CanonicalTable(
            "message", key: ["conversation", "ord", "message"],
            [
                .init("conversation", .id), .init("ord", .integer), .init("message", .id), .init("sender", .id),
                .init("original", .id), .init("current", .id), .init("original_withdrawn", .flag),
                .init("digest", .bytes), .init("keys", .integer), .init("reply_to", .id), .init("sent_at", .text),
                .init("deleted_by", .id), .init("deleted_ord", .integer), .init("delete_reason", .text),
                .init("content", .bytes), .init("source_version", .integer), .init("disputed", .flag),
            ]),
        CanonicalTable(
            "version", key: ["conversation", "message", "ord", "version"],
            [
                .init("conversation", .id), .init("message", .id), .init("ord", .integer), .init("version", .id),
                .init("withdrawn", .flag), .init("keys", .integer), .init("content", .bytes),
                .init("source_version", .integer), .init("digest", .bytes),
            ]),
        CanonicalTable(
            "reaction", key: ["conversation", "message", "reaction", "member"],
            [
                .init("conversation", .id), .init("message", .id), .init("reaction", .text), .init("member", .id),
                .init("on", .flag), .init("ord", .integer),
            ]),
        CanonicalTable(
            "judged", key: ["conversation", "command"], [.init("conversation", .id), .init("command", .id)]),
        CanonicalTable(
            "rejection", key: ["partition", "record_offset"],
            [
                .init("partition", .integer), .init("record_offset", .integer), .init("conversation", .id),
                .init("command", .id), .init("ord", .integer), .init("actor", .id), .init("name", .text),
                .init("reason", .rejectionReason),
            ]),
        waiting,
    ]

    private static let waiting = CanonicalTable(
        "orphan", key: ["conversation", "message", "ord"],
        [
            .init("conversation", .id), .init("message", .id), .init("ord", .integer), .init("partition", .integer),
            .init("record_offset", .integer), .init("append_time", .integer), .init("actor_participates", .flag),
            .init("actor_moderates", .flag), .init("record", .bytes),
        ])
}
