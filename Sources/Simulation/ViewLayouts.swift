/// The tables of both views as they are compared: names and columns as in every store's schema.
public enum ViewLayouts {
    private static let conversationColumns: [ViewColumn] = [
        ViewColumn("conversation", .id), ViewColumn("last_ord", .int), ViewColumn("kind", .int),
        ViewColumn("history", .int), ViewColumn("closed", .int), ViewColumn("participant_count", .int),
        ViewColumn("waiting_count", .int), ViewColumn("last_send", .int), ViewColumn("big", .int),
    ]
    static let conversation = ViewLayout("conversation", conversationColumns)
    static let titledConversation = ViewLayout(
        "conversation",
        conversationColumns + [
            ViewColumn("title", .bytes), ViewColumn("title_author", .id), ViewColumn("title_command", .id),
            ViewColumn("title_ord", .int),
        ])
    static let participant = ViewLayout(
        "participant",
        [
            ViewColumn("conversation", .id), ViewColumn("member", .id), ViewColumn("joined_ord", .int),
            ViewColumn("left_ord", .int), ViewColumn("moderator", .int),
        ])
    static let message = ViewLayout(
        "message",
        [
            ViewColumn("conversation", .id), ViewColumn("message", .id), ViewColumn("ord", .int),
            ViewColumn("sender", .id), ViewColumn("original", .id), ViewColumn("current", .id),
            ViewColumn("original_withdrawn", .int), ViewColumn("digest", .id), ViewColumn("keys", .int),
            ViewColumn("reply_to", .id), ViewColumn("sent_at", .bytes), ViewColumn("deleted_by", .id),
            ViewColumn("deleted_ord", .int), ViewColumn("delete_reason", .bytes), ViewColumn("content", .bytes),
        ])
    static let version = ViewLayout(
        "version",
        [
            ViewColumn("conversation", .id), ViewColumn("message", .id), ViewColumn("ord", .int),
            ViewColumn("version", .id), ViewColumn("withdrawn", .int),
            ViewColumn("keys", .int), ViewColumn("content", .bytes),
        ])
    static let reaction = ViewLayout(
        "reaction",
        [
            ViewColumn("conversation", .id), ViewColumn("message", .id), ViewColumn("reaction", .bytes),
            ViewColumn("member", .id), ViewColumn("on", .int), ViewColumn("ord", .int),
        ])
    static let judged = ViewLayout("judged", [ViewColumn("conversation", .id), ViewColumn("command", .id)])
    static let rejection = ViewLayout(
        "rejection",
        [
            ViewColumn("partition", .int), ViewColumn("record_offset", .int), ViewColumn("conversation", .id),
            ViewColumn("command", .id), ViewColumn("ord", .int), ViewColumn("actor", .id), ViewColumn("name", .bytes),
            ViewColumn("reason", .int),
        ])
    static let orphan = ViewLayout(
        "orphan",
        [
            ViewColumn("conversation", .id), ViewColumn("message", .id), ViewColumn("ord", .int),
            ViewColumn("partition", .int), ViewColumn("record_offset", .int), ViewColumn("append_time", .int),
            ViewColumn("actor_participates", .int), ViewColumn("actor_moderates", .int),
        ])
    static let messageRef = ViewLayout(
        "message_ref",
        [
            ViewColumn("conversation", .id), ViewColumn("message", .id), ViewColumn("ord", .int),
            ViewColumn("sender", .id), ViewColumn("deleted", .int),
        ])
    static let member = ViewLayout(
        "member",
        [
            ViewColumn("member", .id), ViewColumn("last_ord", .int), ViewColumn("waiting_count", .int),
            ViewColumn("dropped_count", .int), ViewColumn("conversation_count", .int), ViewColumn("indexed", .int),
        ])
    static let memberJudged = ViewLayout("member_judged", [ViewColumn("member", .id), ViewColumn("command", .id)])
    static let personalMessage = ViewLayout(
        "personal_message",
        [
            ViewColumn("member", .id), ViewColumn("conversation", .id), ViewColumn("message", .id),
            ViewColumn("starred", .int), ViewColumn("starred_ord", .int), ViewColumn("hidden", .int),
            ViewColumn("hidden_ord", .int), ViewColumn("read", .int), ViewColumn("flagged", .int),
        ])
    static let personalOrphan = ViewLayout(
        "personal_orphan",
        [
            ViewColumn("member", .id), ViewColumn("member_ord", .int), ViewColumn("conversation", .id),
            ViewColumn("message", .id), ViewColumn("command", .id), ViewColumn("effect", .int),
        ])

    /// A member's row of a conversation. Unless the row is indexed, `last_seen_send` of a member inside may be behind in
    /// the table; it is merged with the conversation's last send, as every reader must.
    static let personalConversation = ViewLayout(
        "personal_conversation",
        from: """
            (SELECT p.*, CASE WHEN p.placement <> 0 AND p.left_ord IS NULL AND c.last_send >= p.joined
                    AND c.last_send > p.last_seen_send THEN c.last_send ELSE p.last_seen_send END AS merged_send
                FROM personal_conversation p LEFT JOIN conversation c ON c.conversation = p.conversation) AS merged
            """,
        [
            ViewColumn("member", .id), ViewColumn("conversation", .id), ViewColumn("read_private", .int),
            ViewColumn("read_public", .int), ViewColumn("own_last", .int), ViewColumn("last_read", .int),
            ViewColumn("last_read_id", .id), ViewColumn("marked", .int), ViewColumn("muted", .int),
            ViewColumn("muted_ord", .int), ViewColumn("archived_up_to", .int), ViewColumn("archived_ord", .int),
            ViewColumn("joined", .int), ViewColumn("left_ord", .int), ViewColumn("merged_send", .int),
            ViewColumn("placement", .int), ViewColumn("unread_flags", .int),
        ])

    /// The same rows as they are stored, which must be the same after every interleaving, too.
    static let storedConversation = ViewLayout(
        "personal_conversation",
        [
            ViewColumn("member", .id), ViewColumn("conversation", .id), ViewColumn("last_seen_send", .int),
            ViewColumn("activity", .int), ViewColumn("archived", .int), ViewColumn("attention", .int),
        ])

    /// What the mailbox index says of the rows that it holds.
    static let mailbox = ViewLayout(
        "mailbox index",
        from: "(SELECT * FROM personal_conversation WHERE joined IS NOT NULL AND placement = 0) AS mailbox",
        [
            ViewColumn("member", .id), ViewColumn("conversation", .id), ViewColumn("activity", .int),
            ViewColumn("archived", .int),
        ])

    /// Rule 25, counted from the rows: unread messages of everybody who is or was a participant.
    static let unread = ViewLayout(
        "unread",
        from: """
            (SELECT p.member, p.conversation, (SELECT count(*) FROM message_ref m
                WHERE m.conversation = p.conversation AND m.deleted = 0 AND m.sender <> p.member
                AND coalesce((SELECT f.read FROM personal_message f WHERE f.member = p.member
                    AND f.conversation = p.conversation AND f.message = m.message), CASE WHEN m.ord > p.read_private
                    AND m.ord > p.read_public AND m.ord > p.own_last THEN 0 ELSE 1 END) = 0
                AND EXISTS (SELECT 1 FROM participant i WHERE i.conversation = p.conversation AND i.member = p.member
                    AND i.joined_ord <= m.ord AND (i.left_ord IS NULL OR m.ord < i.left_ord))
                AND NOT EXISTS (SELECT 1 FROM personal_message h WHERE h.member = p.member
                    AND h.conversation = p.conversation AND h.message = m.message AND h.hidden = 1)) AS unread
                FROM personal_conversation p WHERE p.joined IS NOT NULL) AS counted
            """,
        [ViewColumn("member", .id), ViewColumn("conversation", .id), ViewColumn("unread", .int)])

    /// Rows of the badge's index that it must not miss: unread or marked, neither muted nor archived (rule 27).
    static let missedByBadge = ViewLayout(
        "missed by the badge",
        from: """
            (SELECT p.member, p.conversation FROM personal_conversation p
                WHERE p.joined IS NOT NULL AND p.placement = 0 AND p.muted = 0 AND p.archived = 0 AND p.attention = 0
                AND (p.marked > p.last_read OR EXISTS (SELECT 1 FROM \(unread.source)
                    WHERE counted.member = p.member AND counted.conversation = p.conversation AND counted.unread > 0)))
                AS missed
            """,
        [ViewColumn("member", .id), ViewColumn("conversation", .id)])

    public static let shared = [
        titledConversation, participant, message, version, reaction, judged, rejection, orphan,
    ]
    public static let personal = [
        conversation, participant, messageRef, judged, orphan, member, memberJudged, personalConversation,
        personalMessage, personalOrphan, mailbox, unread, missedByBadge,
    ]
    /// What the model does not foretell, but what is the same for the same records.
    public static let stored = [storedConversation]
}
