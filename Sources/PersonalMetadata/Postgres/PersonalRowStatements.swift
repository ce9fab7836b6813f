import Messaging
import Postgres
import ViewStorage

/// The statements that write `personal_conversation`: what a message changes of its sender's row and what a read changes of
/// its reader's are a few columns each; all else writes the whole row, new or not.
///
/// A row is written by one of them.
struct PersonalRowStatements {
    private let whole: PostgresColumns
    private let sent = Self.update(["own_last", "last_seen_send", "activity", "archived", "attention"])
    private let read = Self.update(
        ["read_private", "read_public", "last_read", "marked", "last_read_id", "attention"], idAt: 4)

    /// Where `last_read_id` stands among ``names``.
    private static let idPlace = 4
    private static let names =
        PersonalRowQuery.columns.split(separator: ", ").map(String.init)
        + ["activity", "archived", "attention"]

    var all: [PostgresColumns] { [whole, sent, read] }

    init() {
        let names = Self.names
        let types = Self.types(names.count, idAt: Self.idPlace)
        whole = PostgresColumns(
            types,
            """
            INSERT INTO personal_conversation (member, conversation, \(names.joined(separator: ", ")))
            SELECT * FROM unnest(\((1...types.count).map { "$\($0)" }.joined(separator: ", ")))
            ON CONFLICT (member, conversation) DO UPDATE SET
                \(names.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """)
    }

    private static func types(_ count: Int, idAt place: Int?) -> [PostgresType] {
        var types: [PostgresType] = [.uuid, .uuid] + [PostgresType](repeating: .int8, count: count)
        if let place { types[2 + place] = .uuid }
        return types
    }

    private static func update(_ names: [String], idAt place: Int? = nil) -> PostgresColumns {
        let types = types(names.count, idAt: place)
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
        } else {
            addWhole(key, row)
        }
    }

    private func addWhole(_ key: ConversationMember, _ row: PersonalRow) {
        let columns = whole
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
        columns[16].append(row.indexActivity)
        columns[17].append(row.isIndexArchived)
        columns[18].append(row.needsIndexAttention)
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
        return row
    }
}
