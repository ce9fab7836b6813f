import Messaging
import SQLite
import ViewStorage
import Wire

/// Loads what a batch needs into the fold. Keys are looked up in order, so that neighbours share pages.
struct SharedContentLoader {
    private let rows: ConversationRowsLoader
    private let message: Statement
    private let versions: Statement
    private let reactions: Statement

    init(_ connection: Connection) throws {
        rows = try ConversationRowsLoader(connection, hasTitles: true)
        message = try connection.prepare(
            """
            SELECT ord, sender, original, current, original_withdrawn, digest, keys, deleted_by, deleted_ord, delete_reason,
                current_ord, source_version, disputed
            FROM message WHERE conversation = ? AND message = ?
            """)
        versions = try connection.prepare(
            "SELECT version, ord, withdrawn, source_version, digest FROM version "
                + "WHERE conversation = ? AND message = ? ORDER BY ord")
        reactions = try connection.prepare(
            "SELECT reaction, member, \"on\", ord FROM reaction WHERE conversation = ? AND message = ?")
    }

    func load(_ needs: ConversationNeeds, into fold: inout ConversationFold) throws {
        try rows.load(needs, into: &fold)
        for key in sorted(needs.messages) where try isKnown(key.conversation, fold) {
            guard let row = try messageRow(key) else { continue }
            fold.load(key, row)
            if needs.versions.contains(key) { fold.load(key, versions: try versionRows(key)) }
            if needs.reactions.contains(key) { try loadReactions(key, into: &fold) }
        }
    }

    /// A conversation that nobody created has no messages.
    private func isKnown(_ conversation: ConversationID, _ fold: ConversationFold) throws -> Bool {
        fold.row(of: conversation)?.kind != nil
    }

    private func messageRow(_ key: ConversationMessage) throws -> MessageRow? {
        try message.bind(key.conversation, at: 1)
        try message.bind(key.message, at: 2)
        defer { message.reset() }
        guard try message.step() else { return nil }
        let digest: MessageID = try message.id(5)
        var row = MessageRow(
            ord: message.int64(0), sender: try message.id(1), original: try message.id(2),
            current: message.optionalID(3),
            digest: PayloadDigest(digest.value), replyTo: nil, sentAt: nil, content: nil,
            keyGenerations: UInt64(bitPattern: message.int64(6)))
        row.isOriginalWithdrawn = message.bool(4)
        row.currentOrd = message.int64(10)
        row.sourceVersion = message.optionalInt64(11)
        row.isDisputed = message.bool(12)
        if let by: MemberID = message.optionalID(7) {
            row.tombstone = Tombstone(by: by, ord: message.int64(8), reason: message.optionalBytes(9))
        }
        return row
    }

    private func versionRows(_ key: ConversationMessage) throws -> [VersionRow] {
        try versions.bind(key.conversation, at: 1)
        try versions.bind(key.message, at: 2)
        defer { versions.reset() }
        var rows: [VersionRow] = []
        while try versions.step() {
            var row = VersionRow(
                id: try versions.id(0), ord: versions.int64(1), content: nil, isWithdrawn: versions.bool(2))
            row.sourceVersion = versions.optionalInt64(3)
            let digest: MessageID? = versions.optionalID(4)
            row.digest = digest.map { PayloadDigest($0.value) }
            rows.append(row)
        }
        return rows
    }

    private func loadReactions(_ key: ConversationMessage, into fold: inout ConversationFold) throws {
        try reactions.bind(key.conversation, at: 1)
        try reactions.bind(key.message, at: 2)
        defer { reactions.reset() }
        while try reactions.step() {
            fold.load(
                ReactionKey(target: key, reaction: reactions.bytes(0), member: try reactions.id(1)),
                ReactionRow(on: reactions.bool(2), ord: reactions.int64(3)))
        }
    }
}
