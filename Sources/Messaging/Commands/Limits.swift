/// What SEMANTICS rule 18 and its neighbours limit. Admission checks all of them; the fold only what never changes.
public enum Limits {
    /// Bytes of content as canonical UTF-8 JSON.
    public static let contentBytes = 64 * 1024
    /// Bytes of a title.
    public static let titleBytes = 1024
    /// Bytes of a delete's reason.
    public static let reasonBytes = 1024
    /// Bytes of a client token.
    public static let clientTokenBytes = 128
    /// Bytes of a reaction.
    public static let reactionBytes = 64
    /// Mentions in one content.
    public static let mentions = 100
    /// Attachments in one content.
    public static let attachments = 32
    /// Members named by one command.
    public static let membersPerCommand = 1_000
    /// Participants of a conversation at one time.
    public static let participants = 5_000
    /// Bytes of a record in the log.
    public static let recordBytes = 256 * 1024
    /// Hook verdicts in one record.
    public static let verdictsPerRecord = 64
    /// Bytes of a sender's own time, RFC 3339 text.
    public static let sentAtBytes = 64
    /// What sealing may add to a size before the fold calls it too large.
    public static let sealingAllowance = 1024
    /// Edits, deletes and reactions of unknown messages that wait in a conversation.
    public static let waitingPerConversation = 10_000
    /// Reads and archives of unknown messages that wait for a member.
    public static let waitingPerMember = 10_000
    /// Kinds of reaction that somebody has on, for one message.
    public static let reactionKinds = 32
    /// An unread count stops here and says that there are more; so does the badge.
    public static let unreadCap = 100
    /// Above this many participants a conversation is big: its mailbox rows are merged at read time (rule 28).
    public static let bigAbove = 64
    /// A mailbox of at most this many conversations is not indexed but merged at read time.
    public static let unindexedConversations = 128
    /// Below this many participants a big conversation is small again.
    public static let smallBelow = 48

    /// Ords that a legacy system may give: microseconds, far from where arithmetic ends.
    public static let legacyOrds: ClosedRange<Int64> = 1...(1 << 62) - 1
}
