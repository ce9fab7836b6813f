public import Messaging
public import SQLite
import Wire

/// Writes what both views keep of a conversation, one prepared statement a table.
public struct ConversationRowsWriter {
    private let conversation: Statement
    private let participant: Statement
    private let judged: Statement
    private let orphan: Statement
    private let judgedOrphan: Statement
    private let hasTitles: Bool

    /// - Parameter hasTitles: whether the view's `conversation` table keeps titles.
    public init(_ connection: Connection, hasTitles: Bool) throws {
        self.hasTitles = hasTitles
        let titles = hasTitles ? ", title, title_author, title_command, title_ord" : ""
        let values = hasTitles ? ", ?12, ?13, ?14, ?15" : ""
        let updates = hasTitles ? ", title = ?12, title_author = ?13, title_command = ?14, title_ord = ?15" : ""
        conversation = try connection.prepare(
            """
            INSERT INTO conversation
                (conversation, last_ord, kind, history, closed, participant_count, waiting_count, last_send, big,
                founder, last_left\(titles))
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11\(values))
            ON CONFLICT DO UPDATE SET last_ord = ?2, kind = ?3, history = ?4, closed = ?5, participant_count = ?6,
                waiting_count = ?7, last_send = ?8, big = ?9, founder = ?10, last_left = ?11\(updates)
            """)
        participant = try connection.prepare(
            """
            INSERT INTO participant (conversation, member, joined_ord, left_ord, moderator) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO UPDATE SET left_ord = ?4, moderator = ?5
            """)
        judged = try connection.prepare("INSERT INTO judged (conversation, command) VALUES (?, ?)")
        orphan = try connection.prepare(
            """
            INSERT INTO orphan (conversation, message, ord, partition, record_offset, append_time,
                actor_participates, actor_moderates, record)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        judgedOrphan = try connection.prepare("DELETE FROM orphan WHERE conversation = ? AND message = ? AND ord = ?")
    }

    public func write(_ fold: ConversationFold) throws {
        try fold.forEachConversation { id, row, _ in try write(id, row) }
        try fold.forEachInterval { key, interval, _ in try write(key, interval) }
        for key in sorted(fold.changes.judged) {
            try judged.bind(key.conversation, at: 1)
            try judged.bind(key.command, at: 2)
            try judged.run()
        }
        try fold.forEachNoLongerWaiting { key in
            try judgedOrphan.bind(key.target.conversation, at: 1)
            try judgedOrphan.bind(key.target.message, at: 2)
            try judgedOrphan.bind(key.ord, at: 3)
            try judgedOrphan.run()
        }
        try fold.forEachNewWaiting(write)
    }

    private func write(_ id: ConversationID, _ row: ConversationRow) throws {
        try conversation.bind(id, at: 1)
        try conversation.bind(row.lastOrd, at: 2)
        try conversation.bind(row.kind.map { Int64($0.rawValue) }, at: 3)
        try conversation.bind(Int64(row.history.rawValue), at: 4)
        try conversation.bind(row.isClosed, at: 5)
        try conversation.bind(Int64(row.participantCount), at: 6)
        try conversation.bind(Int64(row.waitingCount), at: 7)
        try conversation.bind(row.lastSend, at: 8)
        try conversation.bind(row.isBig, at: 9)
        try conversation.bind(row.founder, at: 10)
        try conversation.bind(row.lastLeft, at: 11)
        if hasTitles {
            try conversation.bind(row.title?.sealed.bytes, at: 12)
            try conversation.bind(row.title?.author, at: 13)
            try conversation.bind(row.title?.command, at: 14)
            try conversation.bind(row.title?.ord, at: 15)
        }
        try conversation.run()
    }

    private func write(_ key: ConversationMember, _ interval: MembershipInterval) throws {
        try participant.bind(key.conversation, at: 1)
        try participant.bind(key.member, at: 2)
        try participant.bind(interval.joined, at: 3)
        try participant.bind(interval.left, at: 4)
        try participant.bind(interval.isModerator, at: 5)
        try participant.run()
    }

    private func write(_ target: ConversationMessage, _ command: WaitingCommand) throws {
        var record: [UInt8] = []
        try RecordCodec.encode(command.logged.record, into: &record)
        try orphan.bind(target.conversation, at: 1)
        try orphan.bind(target.message, at: 2)
        try orphan.bind(command.ord, at: 3)
        try orphan.bind(Int64(command.logged.partition), at: 4)
        try orphan.bind(command.logged.offset, at: 5)
        try orphan.bind(command.logged.appendTime, at: 6)
        try orphan.bind(command.actorParticipates, at: 7)
        try orphan.bind(command.actorModerates, at: 8)
        try orphan.bind(record, at: 9)
        try orphan.run()
    }
}
