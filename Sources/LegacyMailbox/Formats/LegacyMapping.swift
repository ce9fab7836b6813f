import Wire

/// Which tables and columns of a foreign mailbox mean what: a small JSON file.
///
/// ```json
/// {"threads": {"table": "thread", "columns": {"createdAt": "made"}},
///  "participants": {"table": "member"}, "copies": {"table": "mail", "columns": {"attachments": null}},
///  "sourceVersion": "column source_version", "timeUnit": "micros",
///  "backfilled": ["conversation_id", "message_id"]}
/// ```
///
/// What is left out is as in `Schemas/legacy.sql`; a column that is `null` does not exist in the foreign table.
///
/// ## Configuration keys:
/// - `sourceVersion`: `column NAME` (the row's own version, default `column source_version`), `ts` (the source's time
///   of the change), or `lsn` (its position: no time, so it never compares with native writes, and folders and rows that
///   are removed have no time either: only for mailboxes without any of these).
/// - `timeUnit`: `micros` (default), `millis` or `seconds`.
/// - `backfilled`: columns whose change alone is no write.
public struct LegacyMapping: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable { case threads, participants, copies }

    struct Table: Sendable, Equatable {
        var kind: Kind
        var name: [UInt8]
        /// From our field to their column; `nil` where there is none.
        var columns: [String: String?]
    }

    enum SourceVersion: Sendable, Equatable {
        case column(String)
        case timeMicros
        case lsn
    }

    enum TimeUnit: String, Sendable, CaseIterable {
        case micros, millis, seconds

        var micros: Int64 {
            switch self {
            case .micros: 1
            case .millis: 1_000
            case .seconds: 1_000_000
            }
        }
    }

    var tables: [Table]
    var sourceVersion = SourceVersion.column("source_version")
    var timeUnit = TimeUnit.micros
    var backfilled: [String] = ["conversation_id", "message_id"]

    /// The mapping of our own schema.
    public static let own = LegacyMapping(tables: Kind.allCases.map(Self.ownTable))

    private init(tables: [Table]) { self.tables = tables }

    /// Reads a mapping file.
    /// - Throws: `LegacyError` with `configuration`.
    public init(json: [UInt8]) throws(LegacyError) {
        self = .own
        do throws(LegacyError) { try read(JSONFields(json)) } catch {
            throw LegacyError(.configuration, "the mapping: \(error.message)", cause: error)
        }
    }

    private mutating func read(_ fields: JSONFields) throws(LegacyError) {
        let known = Kind.allCases.map(\.rawValue) + ["sourceVersion", "timeUnit", "backfilled"]
        try fields.expect(only: known)
        for index in tables.indices {
            guard let value = fields.value(tables[index].kind.rawValue) else { continue }
            try read(JSONFields(value), into: &tables[index])
        }
        if let text = try fields.optionalText("sourceVersion") {
            sourceVersion = try Self.sourceVersion(String(decoding: text, as: UTF8.self))
        }
        if let text = try fields.optionalText("timeUnit") {
            guard let unit = TimeUnit(rawValue: String(decoding: text, as: UTF8.self)) else {
                throw LegacyError(.configuration, "timeUnit: is none of micros, millis, seconds")
            }
            timeUnit = unit
        }
        if fields.value("backfilled") != nil {
            backfilled = try fields.texts("backfilled").map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func read(_ fields: JSONFields, into table: inout Table) throws(LegacyError) {
        try fields.expect(only: ["table", "columns"])
        if let name = try fields.optionalText("table") { table.name = name }
        guard case .object(let columns)? = fields.value("columns") else { return }
        for column in columns {
            let field = String(decoding: column.name, as: UTF8.self)
            guard table.columns.keys.contains(field) else {
                throw LegacyError(.configuration, "\(table.kind.rawValue).columns: \(field): there is no such field")
            }
            switch column.value {
            case .null: table.columns[field] = .some(nil)
            case .string(let name): table.columns[field] = String(decoding: name, as: UTF8.self)
            default: throw LegacyError(.configuration, "\(field): is neither a column's name nor null")
            }
        }
    }

    private static func sourceVersion(_ text: String) throws(LegacyError) -> SourceVersion {
        let words = text.split(separator: " ")
        if words == ["lsn"] { return .lsn }
        if words == ["ts"] { return .timeMicros }
        if words.count == 2, words[0] == "column" { return .column(String(words[1])) }
        throw LegacyError(.configuration, "sourceVersion: is none of \"column NAME\", \"ts\", \"lsn\"")
    }

    /// What the thread's id is called in the tables.
    var threadColumns: [String] { tables.compactMap { $0.columns["thread"] ?? nil } }

    func table(named name: [UInt8]) -> Table? { tables.first { $0.name == name } }

    /// Whether an update changed back-filled columns and nothing else.
    func isBackfill(from before: JSONFields, to after: JSONFields) -> Bool {
        var isChanged = false
        for name in after.names {
            if before.value(name) == after.value(name) { continue }
            guard backfilled.contains(name) else { return false }
            isChanged = true
        }
        return isChanged
    }

    private static func ownTable(_ kind: Kind) -> Table {
        switch kind {
        case .threads:
            Table(
                kind: kind, name: Array("thread".utf8),
                columns: ["thread": "thread_id", "subject": "subject", "creator": "creator", "createdAt": "created_at"])
        case .participants:
            Table(
                kind: kind, name: Array("participant".utf8),
                columns: [
                    "thread": "thread_id", "owner": "owner", "joinedAt": "joined_at", "leftAt": "left_at",
                    "folder": "folder",
                ])
        case .copies:
            Table(
                kind: kind, name: Array("message_copy".utf8),
                columns: [
                    "thread": "thread_id", "owner": "owner", "copy": "copy_id", "dedupKey": "dedup_key",
                    "folder": "folder", "sender": "sender", "recipients": "recipients", "subject": "subject",
                    "body": "body", "attachments": "attachments", "inReplyTo": "in_reply_to", "sentAt": "sent_at",
                    "readAt": "read_at", "starred": "starred", "deleted": "deleted", "deletedBy": "deleted_by",
                    "editedAt": "edited_at",
                ])
        }
    }
}
