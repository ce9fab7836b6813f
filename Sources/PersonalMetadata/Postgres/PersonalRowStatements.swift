import Messaging
import Postgres
import ViewStorage

/// The statements that write `personal_conversation`: what a message changes of its sender's row and what a read changes of
/// its reader's are a few columns each; all else writes the whole row.
///
/// A row is written by one of them.
struct PersonalRowStatements {
    private let new = PostgresColumns(
        newIn: "personal_conversation",
        [
            "member": .uuid, "conversation": .uuid, "read_private": .bigint, "read_public": .bigint,
            "own_last": .bigint, "last_read": .bigint, "last_read_id": .uuid, "marked": .bigint, "muted": .smallint,
            "muted_ord": .bigint, "archived_up_to": .bigint, "archived_ord": .bigint, "joined": .bigint,
            "left_ord": .bigint, "last_seen_send": .bigint, "placement": .smallint, "unread_flags": .bigint,
            "reads": .bytea, "activity": .bigint, "archived": .smallint, "attention": .smallint,
        ])
    private let changed = Self.update(Self.names)
    private let sent = Self.update(["own_last", "last_seen_send", "activity", "archived", "attention"])
    private let read = Self.update(
        [
            "read_private", "read_public", "last_read", "marked", "last_read_id", "attention", "unread_flags", "reads",
        ])

    private static let names =
        PersonalRowQuery.columns.split(separator: ", ").map(String.init)
        + ["activity", "archived", "attention"]

    var all: [PostgresColumns] { [new, changed, sent, read] }

    private static func update(_ names: [String]) -> PostgresColumns {
        let types: [PostgresType] =
            [.uuid, .uuid] + names.map { $0 == "last_read_id" ? .uuid : $0 == "reads" ? .bytea : .int8 }
        return PostgresColumns(
            types,
            """
            UPDATE personal_conversation p SET \(names.map { "\($0) = k.\($0)" }.joined(separator: ", "))
            FROM unnest(\((1...types.count).map { "$\($0)" }.joined(separator: ", ")))
                AS k (member, conversation, \(names.joined(separator: ", ")))
            WHERE p.member = k.member AND p.conversation = k.conversation
            """)
    }

    /// Adds a row to the statement that writes it.
    func add(_ key: ConversationMember, _ row: PersonalRow, stored: PersonalRow?) {
        if let stored, stored.with(sendsOf: row) == row {
            sent[0].append(key.member)
            sent[1].append(key.conversation)
            sent[2].append(row.ownLast)
            sent[3].append(row.lastSeenSend)
            sent[4].append(row.indexActivity)
            sent[5].append(row.isIndexArchived)
            sent[6].append(row.needsIndexAttention)
        } else if let stored, stored.with(readsOf: row) == row {
            read[0].append(key.member)
            read[1].append(key.conversation)
            read[2].append(row.readPrivate)
            read[3].append(row.readPublic)
            read[4].append(row.lastRead)
            read[5].append(row.markedAt)
            read[6].append(row.lastReadID)
            read[7].append(row.needsIndexAttention)
            read[8].append(Int64(row.unreadFlags))
            read[9].append(row.reads.map(ReadReach.bytes))
        } else {
            addWhole(to: stored == nil ? new : changed, key, row)
        }
    }

    private func addWhole(to columns: PostgresColumns, _ key: ConversationMember, _ row: PersonalRow) {
        columns[0].append(key.member)
        columns[1].append(key.conversation)
        columns[2].append(row.readPrivate)
        columns[3].append(row.readPublic)
        columns[4].append(row.ownLast)
        columns[5].append(row.lastRead)
        columns[6].append(row.lastReadID)
        columns[7].append(row.markedAt)
        columns[8].append(row.isMuted)
        columns[9].append(row.mutedAt)
        columns[10].append(row.archivedUpTo)
        columns[11].append(row.archivedAt)
        columns[12].append(row.joined)
        columns[13].append(row.left)
        columns[14].append(row.lastSeenSend)
        columns[15].append(Int64(row.placement.rawValue))
        columns[16].append(Int64(row.unreadFlags))
        columns[17].append(row.reads.map(ReadReach.bytes))
        columns[18].append(row.indexActivity)
        columns[19].append(row.isIndexArchived)
        columns[20].append(row.needsIndexAttention)
    }
}

extension PersonalRow {
    /// This row with all that the statement of sends writes taken from another.
    fileprivate func with(sendsOf other: PersonalRow) -> PersonalRow {
        var row = self
        row.ownLast = other.ownLast
        row.lastSeenSend = other.lastSeenSend
        return row
    }

    /// This row with all that the statement of reads writes taken from another.
    fileprivate func with(readsOf other: PersonalRow) -> PersonalRow {
        var row = self
        row.readPrivate = other.readPrivate
        row.readPublic = other.readPublic
        row.lastRead = other.lastRead
        row.lastReadID = other.lastReadID
        row.markedAt = other.markedAt
        row.unreadFlags = other.unreadFlags
        row.reads = other.reads
        return row
    }
}
