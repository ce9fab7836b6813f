import Messaging
import SQLite
import ViewStorage

/// Writes what a batch changed, one prepared statement a table, each row once, in the order of the tables' keys.
struct PersonalWriter {
    private let rows: ConversationRowsWriter
    private let newMessage: Statement
    private let deletedMessage: Statement
    private let member: Statement
    private let judged: Statement
    private let row: Statement
    private let activity: Statement
    private let attention: Statement
    private let read: Statement
    private let ownLast: Statement
    private let mark: Statement
    private let waiting: Statement
    private let noLongerWaiting: Statement

    init(_ connection: Connection) throws {
        rows = try ConversationRowsWriter(connection, hasTitles: false)
        newMessage = try connection.prepare(
            "INSERT INTO message_ref (conversation, ord, message, sender, deleted) VALUES (?, ?, ?, ?, ?)")
        deletedMessage = try connection.prepare(
            "UPDATE message_ref SET deleted = 1 WHERE conversation = ? AND ord = ? AND message = ?")
        member = try connection.prepare(
            """
            INSERT INTO member (member, last_ord, waiting_count, dropped_count, conversation_count, indexed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO UPDATE SET last_ord = ?2, waiting_count = ?3, dropped_count = ?4, conversation_count = ?5,
                indexed = ?6
            """)
        judged = try connection.prepare("INSERT INTO member_judged (member, command) VALUES (?, ?)")
        row = try connection.prepare(
            """
            INSERT INTO personal_conversation (member, conversation, \(PersonalRowQuery.columns), activity, archived, attention)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
            ON CONFLICT DO UPDATE SET read_private = ?3, read_public = ?4, own_last = ?5, last_read = ?6,
                last_read_id = ?7, marked = ?8, muted = ?9, muted_ord = ?10, archived_up_to = ?11, archived_ord = ?12,
                joined = ?13, left_ord = ?14, last_seen_send = ?15, placement = ?16,
                unread_flags = ?17, reads = ?18, activity = ?19, archived = ?20, attention = ?21
            """)
        activity = try connection.prepare(
            "UPDATE personal_conversation SET last_seen_send = ?3, activity = ?4 "
                + "WHERE member = ?1 AND conversation = ?2")
        attention = try connection.prepare(
            "UPDATE personal_conversation SET attention = ?3 WHERE member = ?1 AND conversation = ?2")
        ownLast = try connection.prepare(
            "UPDATE personal_conversation SET own_last = ?3 WHERE member = ?1 AND conversation = ?2")
        read = try connection.prepare(
            """
            UPDATE personal_conversation SET read_private = ?3, read_public = ?4, last_read = ?5, last_read_id = ?6,
                unread_flags = ?7, reads = ?8
            WHERE member = ?1 AND conversation = ?2
            """)
        mark = try connection.prepare(
            """
            INSERT INTO personal_message (member, conversation, message, \(PersonalLoader.markColumns))
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            ON CONFLICT DO UPDATE SET starred = ?4, starred_ord = ?5, hidden = ?6, hidden_ord = ?7, read = ?8, flagged = ?9,
                ord = ?10
            """)
        waiting = try connection.prepare(
            """
            INSERT INTO personal_orphan (member, member_ord, conversation, message, command, effect)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        noLongerWaiting = try connection.prepare(
            "DELETE FROM personal_orphan WHERE member = ? AND member_ord = ? AND command = ?")
    }

    func write(_ fold: PersonalFold) throws {
        try rows.write(fold.conversations)
        try fold.conversations.forEachMessage { key, message, isNew in
            let statement = isNew ? newMessage : deletedMessage
            try statement.bind(key.conversation, at: 1)
            try statement.bind(message.ord, at: 2)
            try statement.bind(key.message, at: 3)
            if isNew {
                try statement.bind(message.sender, at: 4)
                try statement.bind(message.tombstone != nil, at: 5)
            }
            try statement.run()
        }
        try writePersonal(fold)
    }

    private func writePersonal(_ fold: PersonalFold) throws {
        try fold.forEachMember { id, row in
            try member.bind(id, at: 1)
            try member.bind(row.lastOrd, at: 2)
            try member.bind(Int64(row.waitingCount), at: 3)
            try member.bind(row.droppedCount, at: 4)
            try member.bind(Int64(row.conversationCount), at: 5)
            try member.bind(row.isIndexed, at: 6)
            try member.run()
        }
        for id in fold.changes.judged {
            try judged.bind(id.member, at: 1)
            try judged.bind(id.command, at: 2)
            try judged.run()
        }
        try fold.forEachRow(write)
        try fold.forEachMark(write)
        for command in fold.changes.noLongerWaiting {
            try noLongerWaiting.bind(command.member, at: 1)
            try noLongerWaiting.bind(command.memberOrd, at: 2)
            try noLongerWaiting.bind(command.id, at: 3)
            try noLongerWaiting.run()
        }
        try fold.forEachNewWaiting { target, command in
            try waiting.bind(command.member, at: 1)
            try waiting.bind(command.memberOrd, at: 2)
            try waiting.bind(target.conversation, at: 3)
            try waiting.bind(target.message, at: 4)
            try waiting.bind(command.id, at: 5)
            try waiting.bind(Int64(command.effect.rawValue), at: 6)
            try waiting.run()
        }
    }

    /// Most rows change because somebody sent or read: those statements leave the other columns' indexes alone.
    private func write(_ key: ConversationMember, _ value: PersonalRow, stored: PersonalRow?) throws {
        guard let stored, stored.sameSettings(as: value), stored.isIndexArchived == value.isIndexArchived else {
            return try writeAll(key, value)
        }
        if stored.lastSeenSend != value.lastSeenSend {
            try bind(activity, key)
            try activity.bind(value.lastSeenSend, at: 3)
            try activity.bind(value.indexActivity, at: 4)
            try activity.run()
        }
        if stored.ownLast != value.ownLast {
            try bind(ownLast, key)
            try ownLast.bind(value.ownLast, at: 3)
            try ownLast.run()
        }
        if !stored.sameReading(as: value) {
            try bind(read, key)
            try read.bind(value.readPrivate, at: 3)
            try read.bind(value.readPublic, at: 4)
            try read.bind(value.lastRead, at: 5)
            try read.bind(value.lastReadID, at: 6)
            try read.bind(Int64(value.unreadFlags), at: 7)
            try read.bind(value.reads.map(ReadReach.bytes), at: 8)
            try read.run()
        }
        if stored.needsIndexAttention != value.needsIndexAttention {
            try bind(attention, key)
            try attention.bind(value.needsIndexAttention, at: 3)
            try attention.run()
        }
    }

    private func bind(_ statement: Statement, _ key: ConversationMember) throws {
        try statement.bind(key.member, at: 1)
        try statement.bind(key.conversation, at: 2)
    }

    private func writeAll(_ key: ConversationMember, _ value: PersonalRow) throws {
        try row.bind(key.member, at: 1)
        try row.bind(key.conversation, at: 2)
        try row.bind(value.readPrivate, at: 3)
        try row.bind(value.readPublic, at: 4)
        try row.bind(value.ownLast, at: 5)
        try row.bind(value.lastRead, at: 6)
        try row.bind(value.lastReadID, at: 7)
        try row.bind(value.markedAt, at: 8)
        try row.bind(value.isMuted, at: 9)
        try row.bind(value.mutedAt, at: 10)
        try row.bind(value.archivedUpTo, at: 11)
        try row.bind(value.archivedAt, at: 12)
        try row.bind(value.joined, at: 13)
        try row.bind(value.left, at: 14)
        try row.bind(value.lastSeenSend, at: 15)
        try row.bind(Int64(value.placement.rawValue), at: 16)
        try row.bind(Int64(value.unreadFlags), at: 17)
        try row.bind(value.reads.map(ReadReach.bytes), at: 18)
        try row.bind(value.indexActivity, at: 19)
        try row.bind(value.isIndexArchived, at: 20)
        try row.bind(value.needsIndexAttention, at: 21)
        try row.run()
    }

    private func write(_ key: PersonalMessageKey, _ value: PersonalMessageRow) throws {
        try mark.bind(key.member, at: 1)
        try mark.bind(key.target.conversation, at: 2)
        try mark.bind(key.target.message, at: 3)
        try mark.bind(value.isStarred, at: 4)
        try mark.bind(value.starredAt, at: 5)
        try mark.bind(value.isHidden, at: 6)
        try mark.bind(value.hiddenAt, at: 7)
        try mark.bind(value.readFlag.map { Int64($0 ? 1 : 0) }, at: 8)
        try mark.bind(value.flaggedAt, at: 9)
        try mark.bind(value.ord, at: 10)
        try mark.run()
    }
}

extension PersonalRow {
    /// Whether nothing differs but what sends and reads change.
    fileprivate func sameSettings(as other: PersonalRow) -> Bool {
        markedAt == other.markedAt && isMuted == other.isMuted && mutedAt == other.mutedAt
            && archivedUpTo == other.archivedUpTo && archivedAt == other.archivedAt && joined == other.joined
            && left == other.left && placement == other.placement
    }

    fileprivate func sameReading(as other: PersonalRow) -> Bool {
        readPrivate == other.readPrivate && readPublic == other.readPublic && lastRead == other.lastRead
            && lastReadID == other.lastReadID && unreadFlags == other.unreadFlags && reads == other.reads
    }

    /// What the mailbox index holds; nothing of rows that are merged at read time.
    var indexActivity: Int64 { placement == .indexed ? activity : 0 }
    var isIndexArchived: Bool { placement == .indexed && isArchived }
    var needsIndexAttention: Bool { placement == .indexed && needsAttention }
}
