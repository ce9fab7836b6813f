public import Messaging
public import Postgres
import Wire

/// Writes what both views keep of a conversation, one statement a table: ``ConversationRowsWriter`` on PostgreSQL.
public struct PostgresConversationRowsWriter {
    private let conversation: PostgresColumns
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

    /// - Parameter hasTitles: whether the view's `conversation` table keeps titles.
    public init(hasTitles: Bool) {
        self.hasTitles = hasTitles
        let names =
            [
                "last_ord", "kind", "history", "closed", "participant_count", "waiting_count", "last_send", "big",
                "founder",
                "last_left",
            ]
            + (hasTitles ? ["title", "title_author", "title_command", "title_ord"] : [])
        let types =
            [.uuid] + [PostgresType](repeating: .int8, count: 8) + [.uuid, .int8]
            + (hasTitles ? [.bytea, .uuid, .uuid, .int8] : [])
        conversation = PostgresColumns(
            types,
            """
            INSERT INTO conversation (conversation, \(names.joined(separator: ", ")))
            SELECT * FROM unnest(\((1...types.count).map { "$\($0)" }.joined(separator: ", ")))
            ON CONFLICT (conversation) DO UPDATE SET \(names.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
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

    /// Adds the statements that write what the fold changed; they are good until the next call.
    public func write(_ fold: ConversationFold, _ requests: inout [PostgresRequest]) throws {
        let all = [conversation, newParticipant, participant, judged, judgedOrphan, orphan]
        for columns in all { columns.removeAll() }
        fold.forEachConversation(write)
        fold.forEachInterval { key, interval, isNew in
            let columns = isNew ? newParticipant : participant
            columns[0].append(key.conversation)
            columns[1].append(key.member)
            columns[2].append(interval.joined)
            columns[3].append(interval.left)
            columns[4].append(interval.isModerator)
        }
        for key in sorted(fold.changes.judged) {
            judged[0].append(key.conversation)
            judged[1].append(key.command)
        }
        fold.forEachNoLongerWaiting { key in
            judgedOrphan[0].append(key.target.conversation)
            judgedOrphan[1].append(key.target.message)
            judgedOrphan[2].append(key.ord)
        }
        try fold.forEachNewWaiting(write)
        for columns in all { columns.add(to: &requests) }
    }

    private func write(_ id: ConversationID, _ row: ConversationRow) {
        conversation[0].append(id)
        conversation[1].append(row.lastOrd)
        conversation[2].append(row.kind.map { Int64($0.rawValue) })
        conversation[3].append(Int64(row.history.rawValue))
        conversation[4].append(row.isClosed)
        conversation[5].append(Int64(row.participantCount))
        conversation[6].append(Int64(row.waitingCount))
        conversation[7].append(row.lastSend)
        conversation[8].append(row.isBig)
        conversation[9].append(row.founder)
        conversation[10].append(row.lastLeft)
        guard hasTitles else { return }
        conversation[11].append(row.title?.sealed.bytes)
        conversation[12].append(row.title?.author)
        conversation[13].append(row.title?.command)
        conversation[14].append(row.title?.ord)
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
