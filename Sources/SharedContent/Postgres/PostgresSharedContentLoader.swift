import Messaging
import Postgres
import ViewStorage

/// Loads what a batch needs into the fold: one statement a table, one round trip or, of many memberships, two.
struct PostgresSharedContentLoader {
    private let rows = PostgresConversationRowsLoader(hasTitles: true)

    private static let messages = """
        SELECT m.conversation, m.message, m.ord, m.sender, m.original, m.current, m.original_withdrawn, m.digest, m.keys,
            m.deleted_by, m.deleted_ord, m.delete_reason, m.current_ord, m.source_version, m.disputed
        FROM unnest($1, $2) AS k (conversation, message)
        JOIN message m ON m.conversation = k.conversation AND m.message = k.message
        """
    private static let versions = """
        SELECT v.conversation, v.message, v.version, v.ord, v.withdrawn, v.source_version, v.digest
        FROM unnest($1, $2) AS k (conversation, message)
        JOIN version v ON v.conversation = k.conversation AND v.message = k.message
        """
    private static let reactions = """
        SELECT r.conversation, r.message, r.reaction, r.member, r."on", r.ord
        FROM unnest($1, $2) AS k (conversation, message)
        JOIN reaction r ON r.conversation = k.conversation AND r.message = k.message
        """

    func load(
        _ needs: ConversationNeeds, assumingNewIDs: Bool, _ connection: PostgresConnection,
        into fold: inout ConversationFold
    ) throws {
        try rows.prepare(needs, connection, into: &fold)
        var requests: [PostgresRequest] = []
        let asked = rows.ask(needs, assumingNewIDs: assumingNewIDs, fold, &requests)
        let messages = assumingNewIDs ? needs.targets : needs.messages
        requests.append(PostgresRequest(Self.messages, PostgresKeys(messages).arrays))
        requests.append(PostgresRequest(Self.versions, PostgresKeys(needs.versions).arrays))
        requests.append(PostgresRequest(Self.reactions, PostgresKeys(needs.reactions).arrays))
        let answers = try connection.run(requests)
        let own = PostgresConversationRowsLoader.Asked.answers
        try rows.take(answers[..<own], asked, into: &fold)
        try rows.loadIntervals(needs, connection, into: &fold)
        try take(messages: answers[own], needs, into: &fold)
        try take(versions: answers[own + 1], into: &fold)
        try take(reactions: answers[own + 2], into: &fold)
    }

    private func take(messages rows: PostgresRows, _ needs: ConversationNeeds, into fold: inout ConversationFold) throws
    {
        for index in 0..<rows.count {
            let key = ConversationMessage(try rows.id(index, 0), try rows.id(index, 1))
            let digest = try rows.identifier(index, 7)
            var row = MessageRow(
                ord: try rows.int64(index, 2), sender: try rows.id(index, 3), original: try rows.id(index, 4),
                current: try rows.optionalID(index, 5),
                digest: PayloadDigest(Identifier(high: digest.high, low: digest.low)), replyTo: nil, sentAt: nil,
                content: nil, keyGenerations: UInt64(bitPattern: try rows.int64(index, 8)))
            row.isOriginalWithdrawn = try rows.bool(index, 6)
            row.currentOrd = try rows.int64(index, 12)
            row.sourceVersion = try rows.optionalInt64(index, 13)
            row.isDisputed = try rows.bool(index, 14)
            if let by: MemberID = try rows.optionalID(index, 9) {
                row.tombstone = Tombstone(by: by, ord: try rows.int64(index, 10), reason: rows.optionalBytes(index, 11))
            }
            fold.load(key, row)
            if needs.versions.contains(key) { fold.load(key, versions: []) }
        }
    }

    private func take(versions rows: PostgresRows, into fold: inout ConversationFold) throws {
        var all: [ConversationMessage: [VersionRow]] = [:]
        for index in 0..<rows.count {
            let key = ConversationMessage(try rows.id(index, 0), try rows.id(index, 1))
            var row = VersionRow(
                id: try rows.id(index, 2), ord: try rows.int64(index, 3), content: nil,
                isWithdrawn: try rows.bool(index, 4))
            row.sourceVersion = try rows.optionalInt64(index, 5)
            let digest: MessageID? = try rows.optionalID(index, 6)
            row.digest = digest.map { PayloadDigest($0.value) }
            all[key, default: []].append(row)
        }
        for (key, versions) in all { fold.load(key, versions: versions.sorted { $0.ord < $1.ord }) }
    }

    private func take(reactions rows: PostgresRows, into fold: inout ConversationFold) throws {
        for index in 0..<rows.count {
            let target = ConversationMessage(try rows.id(index, 0), try rows.id(index, 1))
            fold.load(
                ReactionKey(target: target, reaction: rows.bytes(index, 2), member: try rows.id(index, 3)),
                ReactionRow(on: try rows.bool(index, 4), ord: try rows.int64(index, 5)))
        }
    }
}
