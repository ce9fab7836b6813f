import Messaging
import Postgres
import ViewStorage

/// Writes what a batch changed, one statement a table and kind of change, each row once.
final class PostgresPersonalWriter {
    private let conversations = PostgresConversationRowsWriter(hasTitles: false)
    private let newMessages = PostgresColumns(
        newIn: "message_ref",
        ["conversation": .uuid, "ord": .bigint, "message": .uuid, "sender": .uuid, "deleted": .smallint])
    private let deletedMessages = PostgresColumns(
        [.uuid, .int8, .uuid],
        """
        UPDATE message_ref r SET deleted = 1 FROM unnest($1, $2, $3) AS k (conversation, ord, message)
        WHERE r.conversation = k.conversation AND r.ord = k.ord AND r.message = k.message
        """)
    private let members = PostgresColumns(
        [.uuid, .int8, .int8, .int8, .int8, .int8],
        """
        INSERT INTO member (member, last_ord, waiting_count, dropped_count, conversation_count, indexed)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        ON CONFLICT (member) DO UPDATE SET last_ord = excluded.last_ord, waiting_count = excluded.waiting_count,
            dropped_count = excluded.dropped_count, conversation_count = excluded.conversation_count,
            indexed = excluded.indexed
        """)
    private let judged = PostgresColumns(newIn: "member_judged", ["member": .uuid, "command": .uuid])
    private let rows = PersonalRowStatements()
    private let marks = PostgresColumns(
        [.uuid, .uuid, .uuid, .int8, .int8, .int8, .int8, .int8, .int8, .int8],
        """
        INSERT INTO personal_message (member, conversation, message, \(PersonalLoader.markColumns))
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (member, conversation, message) DO UPDATE SET starred = excluded.starred,
            starred_ord = excluded.starred_ord, hidden = excluded.hidden, hidden_ord = excluded.hidden_ord,
            read = excluded.read, flagged = excluded.flagged, ord = excluded.ord
        """)
    private let noLongerWaiting = PostgresColumns(
        [.uuid, .int8, .uuid],
        """
        DELETE FROM personal_orphan o USING unnest($1, $2, $3) AS k (member, member_ord, command)
        WHERE o.member = k.member AND o.member_ord = k.member_ord AND o.command = k.command
        """)
    private let waiting = PostgresColumns(
        [.uuid, .int8, .uuid, .uuid, .uuid, .int8],
        """
        INSERT INTO personal_orphan (member, member_ord, conversation, message, command, effect)
        SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
        """)

    /// Gives the statements that write conversations and messages, once all commands to conversations are folded. They are
    /// good until the next call.
    func writeConversations(_ fold: PersonalFold, to sink: PostgresBatchSink) throws {
        for columns in [newMessages, deletedMessages] { columns.removeAll() }
        try conversations.write(fold.conversations, to: sink)
        fold.conversations.forEachMessage { key, message, isNew in
            let columns = isNew ? newMessages : deletedMessages
            columns[0].append(key.conversation)
            columns[1].append(message.ord)
            columns[2].append(key.message)
            guard isNew else { return }
            columns[3].append(message.sender)
            columns[4].append(message.tombstone != nil)
        }
        for columns in [newMessages, deletedMessages] { columns.add(to: sink) }
    }

    /// Gives the statements that write what members have, each once it is made, in an order in which they may run; they are
    /// good until the next call.
    func writeMembers(_ fold: PersonalFold, to sink: PostgresBatchSink) throws {
        for columns in [members, judged] + rows.all + [marks, noLongerWaiting, waiting] { columns.removeAll() }
        fold.forEachMember(write)
        members.add(to: sink)
        for id in fold.changes.judged {
            judged[0].append(id.member)
            judged[1].append(id.command)
        }
        judged.add(to: sink)
        fold.forEachRow(rows.add)
        for columns in rows.all { columns.add(to: sink) }
        fold.forEachMark(write)
        marks.add(to: sink)
        for command in fold.changes.noLongerWaiting {
            noLongerWaiting[0].append(command.member)
            noLongerWaiting[1].append(command.memberOrd)
            noLongerWaiting[2].append(command.id)
        }
        fold.forEachNewWaiting(write)
        for columns in [noLongerWaiting, waiting] { columns.add(to: sink) }
    }

    private func write(_ id: MemberID, _ row: MemberRow) {
        members[0].append(id)
        members[1].append(row.lastOrd)
        members[2].append(Int64(row.waitingCount))
        members[3].append(row.droppedCount)
        members[4].append(Int64(row.conversationCount))
        members[5].append(row.isIndexed)
    }

    private func write(_ key: PersonalMessageKey, _ value: PersonalMessageRow) {
        marks[0].append(key.member)
        marks[1].append(key.target.conversation)
        marks[2].append(key.target.message)
        marks[3].append(value.isStarred)
        marks[4].append(value.starredAt)
        marks[5].append(value.isHidden)
        marks[6].append(value.hiddenAt)
        marks[7].append(value.readFlag.map { Int64($0 ? 1 : 0) })
        marks[8].append(value.flaggedAt)
        marks[9].append(value.ord)
    }

    private func write(_ target: ConversationMessage, _ command: WaitingPersonal) {
        waiting[0].append(command.member)
        waiting[1].append(command.memberOrd)
        waiting[2].append(target.conversation)
        waiting[3].append(target.message)
        waiting[4].append(command.id)
        waiting[5].append(Int64(command.effect.rawValue))
    }
}
