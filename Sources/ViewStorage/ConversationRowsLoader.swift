public import Messaging
public import SQLite
import Wire

/// Loads what both views keep of a conversation: its row, open memberships, judged ids, and commands that wait.
public struct ConversationRowsLoader {
    private let conversation: Statement
    private let membership: Statement
    private let judged: Statement
    private let waiting: Statement
    private let hasTitles: Bool

    /// - Parameter hasTitles: whether the view's `conversation` table keeps titles.
    public init(_ connection: Connection, hasTitles: Bool) throws {
        self.hasTitles = hasTitles
        let titles = hasTitles ? ", title, title_author, title_command, title_ord" : ""
        conversation = try connection.prepare(
            """
            SELECT last_ord, kind, history, closed, participant_count, waiting_count, last_send, big\(titles)
            FROM conversation WHERE conversation = ?
            """)
        membership = try connection.prepare(
            """
            SELECT joined_ord, left_ord, moderator FROM participant WHERE conversation = ? AND member = ?
            ORDER BY joined_ord DESC LIMIT 1
            """)
        judged = try connection.prepare("SELECT 1 FROM judged WHERE conversation = ? AND command = ?")
        waiting = try connection.prepare(
            """
            SELECT ord, partition, record_offset, append_time, actor_participates, actor_moderates, record
            FROM orphan WHERE conversation = ? AND message = ? ORDER BY ord
            """)
    }

    public func load(_ needs: ConversationNeeds, into fold: inout ConversationFold) throws {
        try load(needs.conversations, into: &fold)
        for key in sorted(needs.members) where !fold.has(key) {
            let exists = fold.row(of: key.conversation)?.kind != nil
            fold.load(key, open: exists ? try openInterval(key) : nil)
        }
        for key in sorted(needs.judged) where fold.has(key.conversation) {
            try judged.bind(key.conversation, at: 1)
            try judged.bind(key.command, at: 2)
            if try judged.step() { fold.load(judged: key) }
            judged.reset()
        }
        for key in sorted(needs.sent) where fold.row(of: key.conversation)?.waitingCount ?? 0 > 0 {
            for command in try commands(waitingFor: key) { fold.load(key, waiting: command) }
        }
    }

    /// Loads the rows of conversations that are not in the state.
    public func load(_ conversations: some Sequence<ConversationID>, into fold: inout ConversationFold) throws {
        for id in conversations.sorted() where !fold.has(id) { fold.load(id, try row(id)) }
    }

    private func row(_ id: ConversationID) throws -> ConversationRow? {
        try conversation.bind(id, at: 1)
        defer { conversation.reset() }
        guard try conversation.step() else { return nil }
        var row = ConversationRow()
        row.lastOrd = conversation.int64(0)
        row.kind = conversation.isNull(1) ? nil : try conversation.word(1)
        row.history = try conversation.word(2)
        row.isClosed = conversation.bool(3)
        row.participantCount = Int32(truncatingIfNeeded: conversation.int64(4))
        row.waitingCount = Int32(truncatingIfNeeded: conversation.int64(5))
        row.lastSend = conversation.int64(6)
        row.isBig = conversation.bool(7)
        if hasTitles, let title = conversation.optionalBytes(8) {
            row.title = Title(
                sealed: Sealed(title), author: try conversation.id(9), command: try conversation.id(10),
                ord: conversation.int64(11))
        }
        return row
    }

    private func openInterval(_ key: ConversationMember) throws -> MembershipInterval? {
        try membership.bind(key.conversation, at: 1)
        try membership.bind(key.member, at: 2)
        defer { membership.reset() }
        guard try membership.step(), membership.isNull(1) else { return nil }
        return MembershipInterval(joined: membership.int64(0), left: nil, isModerator: membership.bool(2))
    }

    private func commands(waitingFor key: ConversationMessage) throws -> [WaitingCommand] {
        try waiting.bind(key.conversation, at: 1)
        try waiting.bind(key.message, at: 2)
        defer { waiting.reset() }
        var commands: [WaitingCommand] = []
        while try waiting.step() {
            let record = try RecordCodec.decode(waiting.blob(6))
            commands.append(
                WaitingCommand(
                    logged: LoggedRecord(
                        record: record, partition: Int32(truncatingIfNeeded: waiting.int64(1)),
                        offset: waiting.int64(2), appendTime: waiting.int64(3)),
                    ord: waiting.int64(0), actorParticipates: waiting.bool(4), actorModerates: waiting.bool(5)))
        }
        return commands
    }
}

/// Keys in the order in which tables are clustered, each once: neighbours share pages.
@inlinable
@inline(__always)
public func sorted<Key: Comparable>(_ keys: some Sequence<Key>) -> [Key] {
    // As an array of its own type: where this is inlined the sort is specialised, however the sequence is made.
    var keys = Array(keys)
    keys.sort()
    var kept = 0
    for index in keys.indices where index == 0 || keys[index] != keys[kept - 1] {
        keys[kept] = keys[index]
        kept += 1
    }
    keys.removeSubrange(kept...)
    return keys
}
