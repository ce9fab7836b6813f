public import Messaging
import Postgres
import Wire

/// Writes what both views keep of a conversation, one statement a table: ``ConversationRowsWriter`` on PostgreSQL.
public struct PostgresConversationRowsWriter {
    private let newConversation: PostgresColumns
    private let conversation: PostgresColumns
    /// What every record changes.
    private let ords = PostgresColumns(
        [.uuid, .int8, .int8],
        """
        UPDATE conversation c SET last_ord = k.last_ord, last_send = k.last_send
        FROM unnest($1, $2, $3) AS k (conversation, last_ord, last_send) WHERE c.conversation = k.conversation
        """)
    private let participant: PostgresColumns
    private let newParticipant = PostgresColumns(
        newIn: "participant",
        [
            "conversation": .uuid, "member": .uuid, "joined_ord": .bigint, "left_ord": .bigint, "moderator": .smallint,
        ])
    private let judged = PostgresColumns(newIn: "judged", ["conversation": .uuid, "command": .uuid])
    private let orphan: PostgresColumns
    private let judgedOrphan: PostgresColumns
    private let hasTitles: Bool

    private static let columns: KeyValuePairs<String, PostgresCopy.Column> = [
        "conversation": .uuid, "last_ord": .bigint, "kind": .smallint, "history": .smallint, "closed": .smallint,
        "participant_count": .integer, "waiting_count": .integer, "last_send": .bigint, "big": .smallint,
        "founder": .uuid, "last_left": .bigint,
    ]
    private static let titleColumns: KeyValuePairs<String, PostgresCopy.Column> = [
        "title": .bytea, "title_author": .uuid, "title_command": .uuid, "title_ord": .bigint,
    ]

    /// - Parameter hasTitles: whether the view's `conversation` table keeps titles.
    public init(hasTitles: Bool) {
        self.hasTitles = hasTitles
        let columns = Array(Self.columns) + (hasTitles ? Array(Self.titleColumns) : [])
        newConversation = PostgresColumns(newIn: "conversation", columns)
        let names = columns.map(\.key)
        conversation = PostgresColumns(
            columns.map(\.value.element),
            """
            UPDATE conversation c SET \(names.dropFirst().map { "\($0) = k.\($0)" }.joined(separator: ", "))
            FROM unnest(\((1...names.count).map { "$\($0)" }.joined(separator: ", ")))
                AS k (\(names.joined(separator: ", "))) WHERE c.conversation = k.conversation
            """)
        participant = PostgresColumns(
            [.uuid, .uuid, .int8, .int8, .int8],
            """
            UPDATE participant p SET left_ord = k.left_ord, moderator = k.moderator
            FROM unnest($1, $2, $3, $4, $5) AS k (conversation, member, joined_ord, left_ord, moderator)
            WHERE p.conversation = k.conversation AND p.member = k.member AND p.joined_ord = k.joined_ord
            """)
        orphan = PostgresColumns(
            [.uuid, .uuid, .int8, .int8, .int8, .int8, .int8, .int8, .bytea],
            """
            INSERT INTO orphan (conversation, message, ord, partition, record_offset, append_time, actor_participates,
                actor_moderates, record)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """)
        judgedOrphan = PostgresColumns(
            [.uuid, .uuid, .int8],
            """
            DELETE FROM orphan o USING unnest($1, $2, $3) AS k (conversation, message, ord)
            WHERE o.conversation = k.conversation AND o.message = k.message AND o.ord = k.ord
            """)
    }

    /// Gives the statements that write what the fold changed, each once it is made; they are good until the next call.
    public func write(_ fold: ConversationFold, to sink: PostgresBatchSink) throws {
        let all = [newConversation, conversation, ords, newParticipant, participant, judged, judgedOrphan, orphan]
        for columns in all { columns.removeAll() }
        fold.forEachConversation(write)
        for columns in [newConversation, conversation, ords] { columns.add(to: sink) }
        fold.forEachInterval { key, interval, isNew in
            let columns = isNew ? newParticipant : participant
            columns[0].append(key.conversation)
            columns[1].append(key.member)
            columns[2].append(interval.joined)
            columns[3].append(interval.left)
            columns[4].append(interval.isModerator)
        }
        for columns in [newParticipant, participant] { columns.add(to: sink) }
        for key in sorted(fold.changes.judged) {
            judged[0].append(key.conversation)
            judged[1].append(key.command)
        }
        judged.add(to: sink)
        fold.forEachNoLongerWaiting { key in
            judgedOrphan[0].append(key.target.conversation)
            judgedOrphan[1].append(key.target.message)
            judgedOrphan[2].append(key.ord)
        }
        try fold.forEachNewWaiting(write)
        for columns in [judgedOrphan, orphan] { columns.add(to: sink) }
    }

    private func write(_ id: ConversationID, _ row: ConversationRow, stored: ConversationRow?) {
        if let stored, stored.with(ordsOf: row) == row {
            ords[0].append(id)
            ords[1].append(row.lastOrd)
            ords[2].append(row.lastSend)
        } else {
            write(id, row, to: stored == nil ? newConversation : conversation)
        }
    }

    private func write(_ id: ConversationID, _ row: ConversationRow, to columns: PostgresColumns) {
        columns[0].append(id)
        columns[1].append(row.lastOrd)
        columns[2].append(row.kind.map { Int64($0.rawValue) })
        columns[3].append(Int64(row.history.rawValue))
        columns[4].append(row.isClosed)
        columns[5].append(Int64(row.participantCount))
        columns[6].append(Int64(row.waitingCount))
        columns[7].append(row.lastSend)
        columns[8].append(row.isBig)
        columns[9].append(row.founder)
        columns[10].append(row.lastLeft)
        guard hasTitles else { return }
        columns[11].append(row.title?.sealed.bytes)
        columns[12].append(row.title?.author)
        columns[13].append(row.title?.command)
        columns[14].append(row.title?.ord)
    }

    private func write(_ target: ConversationMessage, _ command: WaitingCommand) throws {
        var record: [UInt8] = []
        try RecordCodec.encode(command.logged.record, into: &record)
        orphan[0].append(target.conversation)
        orphan[1].append(target.message)
        orphan[2].append(command.ord)
        orphan[3].append(Int64(command.logged.partition))
        orphan[4].append(command.logged.offset)
        orphan[5].append(command.logged.appendTime)
        orphan[6].append(command.actorParticipates)
        orphan[7].append(command.actorModerates)
        orphan[8].append(record)
    }
}

extension ConversationRow {
    fileprivate func with(ordsOf other: ConversationRow) -> ConversationRow {
        var row = self
        row.lastOrd = other.lastOrd
        row.lastSend = other.lastSend
        return row
    }
}
