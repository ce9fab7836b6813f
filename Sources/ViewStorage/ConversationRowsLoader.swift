public import Messaging
public import SQLite
import Wire

/// Loads what both views keep of a conversation: its row, open memberships, judged ids, and commands that wait.
public struct ConversationRowsLoader {
    private let conversation: Statement
    private let membership: Statement
    private let judged: Statement
    private let waiting: Statement
    private let intervals: Statement
    private let departed: Statement
    private let hasTitles: Bool

    /// - Parameter hasTitles: whether the view's `conversation` table keeps titles.
    public init(_ connection: Connection, hasTitles: Bool) throws {
        self.hasTitles = hasTitles
        let titles = hasTitles ? ", title, title_author, title_command, title_ord" : ""
        conversation = try connection.prepare(
            """
            SELECT last_ord, kind, history, closed, participant_count, waiting_count, last_send, big,
                founder, last_left\(titles)
            FROM conversation WHERE conversation = ?
            """)
        membership = try connection.prepare(
            """
            SELECT joined_ord, moderator FROM participant
            WHERE conversation = ? AND member = ? AND left_ord IS NULL LIMIT 1
            """)
        judged = try connection.prepare("SELECT 1 FROM judged WHERE conversation = ? AND command = ?")
        intervals = try connection.prepare(
            """
            SELECT joined_ord, left_ord, moderator FROM participant WHERE conversation = ? AND member = ?
            ORDER BY joined_ord
            """)
        departed = try connection.prepare(
            "SELECT DISTINCT member FROM participant WHERE conversation = ? AND left_ord > ?")
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
        try loadIntervals(needs, into: &fold)
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

    /// What only legacy records need.
    private func loadIntervals(_ needs: ConversationNeeds, into fold: inout ConversationFold) throws {
        for key in fold.staysToLoad(for: needs) { fold.load(key, intervals: try allIntervals(key)) }
        for (conversation, since) in fold.lateSends(for: needs) {
            try departed.bind(conversation, at: 1)
            try departed.bind(since, at: 2)
            var members: [MemberID] = []
            try departed.forEachRow { members.append(try departed.id(0)) }
            for member in members {
                let key = ConversationMember(conversation, member)
                if !fold.hasIntervals(key) { fold.load(key, intervals: try allIntervals(key)) }
            }
        }
    }

    private func allIntervals(_ key: ConversationMember) throws -> [MembershipInterval] {
        try intervals.bind(key.conversation, at: 1)
        try intervals.bind(key.member, at: 2)
        var found: [MembershipInterval] = []
        try intervals.forEachRow {
            found.append(
                MembershipInterval(
                    joined: intervals.int64(0), left: intervals.optionalInt64(1), isModerator: intervals.bool(2)))
        }
        return found
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
        row.founder = conversation.optionalID(8)
        row.lastLeft = conversation.int64(9)
        if hasTitles, let title = conversation.optionalBytes(10) {
            row.title = Title(
                sealed: Sealed(title), author: try conversation.id(11), command: try conversation.id(12),
                ord: conversation.int64(13))
        }
        return row
    }

    private func openInterval(_ key: ConversationMember) throws -> MembershipInterval? {
        try membership.bind(key.conversation, at: 1)
        try membership.bind(key.member, at: 2)
        defer { membership.reset() }
        guard try membership.step() else { return nil }
        return MembershipInterval(joined: membership.int64(0), left: nil, isModerator: membership.bool(1))
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
