import Wire

/// Debezium's change envelope in JSON (`before`, `after`, `op`, `source`, `ts_ms`), with or without its `schema`, as
/// <https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-events> describes it.
///
/// A snapshot's reads (`r`) are writes with the row's version, so a snapshot repeated changes nothing. A tombstone is
/// nothing. A truncation is malformed: it cannot be applied and must not be passed over.
public struct DebeziumFormat: LegacyFormat {
    public let name = "debezium"
    public let mapping: LegacyMapping

    /// What stands for a large value that an update did not change (Debezium's `unavailable.value.placeholder`).
    static let unavailable = Array("__debezium_unavailable_value".utf8)

    public init(mapping: LegacyMapping) { self.mapping = mapping }

    /// From the key, whose columns `message.key.columns` names, or else from the row. The key alone decides the partition,
    /// so a connector that leaves the thread out of it breaks the order of a thread's writes.
    public func thread(key: [UInt8], value: [UInt8]) -> [UInt8] {
        for bytes in [key, value] {
            guard var fields = try? JSONFields(bytes) else { continue }
            if let payload = fields.value("payload"), let inner = try? JSONFields(payload) { fields = inner }
            if let thread = Self.thread(in: fields, mapping.threadColumns) { return thread }
            for side in ["after", "before"] {
                guard let value = fields.value(side), let row = try? JSONFields(value) else { continue }
                if let thread = Self.thread(in: row, mapping.threadColumns) { return thread }
            }
        }
        return key
    }

    private static func thread(in row: JSONFields, _ columns: [String]) -> [UInt8]? {
        for column in columns {
            switch row.value(column) {
            case .string(let text)?: return text
            case .int(let number)?: return Array(String(number).utf8)
            default: continue
            }
        }
        return nil
    }

    public func decode(key: [UInt8], value: [UInt8]) throws(LegacyError) -> DecodedWrite {
        if value.isEmpty { return .nothing(reason: "tombstone") }
        var envelope = try JSONFields(value)
        if let payload = envelope.value("payload") { envelope = try JSONFields(payload) }
        guard let op = try envelope.optionalText("op") else { return .nothing(reason: "heartbeat") }
        let source = try object("source", in: envelope)
        guard let table = mapping.table(named: try source.text("table")) else { return .nothing(reason: "otherTable") }
        let (before, after) = (try optionalObject("before", in: envelope), try optionalObject("after", in: envelope))
        let operation: LegacyWrite.Operation
        switch op {
        case [UInt8(ascii: "c")]: operation = .insert
        case [UInt8(ascii: "u")]: operation = .update
        case [UInt8(ascii: "r")]: operation = .snapshot
        case [UInt8(ascii: "d")]: operation = .delete
        case [UInt8(ascii: "m")]: return .nothing(reason: "message")
        default: throw LegacyError(.malformed, "op: is none of c, u, r, d: this change cannot be applied")
        }
        guard let row = operation == .delete ? before : after else {
            let side = operation == .delete ? "before" : "after"
            throw LegacyError(
                .malformed, "\(side): is missing: set the table's REPLICA IDENTITY to FULL")
        }
        if operation == .update, let before, mapping.isBackfill(from: before, to: row) {
            return .nothing(reason: "backfill")
        }
        let reader = MappedRow(fields: row, columns: table.columns, mapping: mapping)
        return .write(
            LegacyWrite(
                operation, try reader.row(table.kind), sourceVersion: try version(operation, row, source)))
    }

    /// A deletion of a row says its version before; it is one more.
    private func version(
        _ operation: LegacyWrite.Operation, _ row: JSONFields, _ source: JSONFields
    ) throws(LegacyError) -> Int64 {
        switch mapping.sourceVersion {
        case .column(let column):
            let version = try row.int(column)
            guard operation == .delete else { return version }
            return version == .max ? version : version + 1
        case .lsn: return try source.int("lsn")
        case .timeMicros:
            if let micros = try source.optionalInt("ts_us") { return micros }
            let (micros, isTooBig) = try source.int("ts_ms").multipliedReportingOverflow(by: 1_000)
            if isTooBig { throw LegacyError(.malformed, "ts_ms: is no time: mend the connector") }
            return micros
        }
    }

    private func object(_ name: String, in fields: JSONFields) throws(LegacyError) -> JSONFields {
        guard let found = try optionalObject(name, in: fields) else {
            throw LegacyError(.malformed, "\(name): is missing: this is no change envelope")
        }
        return found
    }

    private func optionalObject(_ name: String, in fields: JSONFields) throws(LegacyError) -> JSONFields? {
        guard let value = fields.value(name) else { return nil }
        return try JSONFields(value)
    }
}

/// A row of a foreign table, read through the mapping's column names.
struct MappedRow {
    let fields: JSONFields
    let columns: [String: String?]
    let mapping: LegacyMapping

    func row(_ kind: LegacyMapping.Kind) throws(LegacyError) -> LegacyWrite.Row {
        switch kind {
        case .threads:
            return .thread(
                LegacyThread(
                    thread: try text("thread"), subject: try text("subject", or: []), creator: try text("creator"),
                    createdAt: try time("createdAt") ?? 0))
        case .participants:
            return .participant(
                LegacyParticipant(
                    thread: try text("thread"), owner: try text("owner"), joinedAt: try time("joinedAt") ?? 0,
                    leftAt: try time("leftAt"), folder: try text("folder", or: LegacyFolder.inbox)))
        case .copies: return .copy(try copy())
        }
    }

    private func copy() throws(LegacyError) -> LegacyCopy {
        let body = try optionalText("body")
        guard let sentAt = try time("sentAt") else { throw LegacyError(.malformed, "sentAt: is missing in a copy") }
        return LegacyCopy(
            thread: try text("thread"), owner: try text("owner"), copyID: try text("copy"),
            deduplicationKey: try text("dedupKey"), folder: try text("folder", or: LegacyFolder.inbox),
            sender: try text("sender"), recipients: try recipients(), subject: try text("subject", or: []),
            body: body == DebeziumFormat.unavailable ? nil : body, attachments: try attachments(),
            inReplyTo: try optionalText("inReplyTo"), sentAt: sentAt, readAt: try time("readAt"),
            starred: try flag("starred") != 0, deletion: try deletion(), deletedBy: try optionalText("deletedBy"),
            editedAt: try time("editedAt"))
    }

    /// A column's value; `nil` when it is null or the mapping says that there is no such column.
    /// - Throws: when the row has no column that the mapping names.
    private func value(_ field: String) throws(LegacyError) -> JSONValue? {
        guard let column = columns[field] ?? nil else { return nil }
        guard fields.has(column) else {
            throw LegacyError(.malformed, "\(column): the row has no such column: mend the mapping, or name null there")
        }
        return fields.value(column)
    }

    private func optionalText(_ field: String) throws(LegacyError) -> [UInt8]? {
        switch try value(field) {
        case nil: return nil
        case .string(let text)?: return text
        case .int(let number)?: return Array(String(number).utf8)
        default: throw LegacyError(.malformed, "\(field): its column is neither text nor a number")
        }
    }

    private func text(_ field: String, or fallback: [UInt8]? = nil) throws(LegacyError) -> [UInt8] {
        guard let text = try optionalText(field) ?? fallback else {
            throw LegacyError(.malformed, "\(field): is null: every row needs one")
        }
        return text
    }

    private func time(_ field: String) throws(LegacyError) -> Int64? {
        guard let value = try value(field) else { return nil }
        guard case .int(let number) = value else {
            throw LegacyError(.malformed, "\(field): its column is no integer: let the connector give times as numbers")
        }
        let (micros, isTooBig) = number.multipliedReportingOverflow(by: mapping.timeUnit.micros)
        if isTooBig { throw LegacyError(.malformed, "\(field): is no time in that unit: see the mapping") }
        return micros
    }

    private func flag(_ field: String) throws(LegacyError) -> Int64 {
        switch try value(field) {
        case nil: return 0
        case .bool(let isOn)?: return isOn ? 1 : 0
        case .int(let number)?: return number
        default: throw LegacyError(.malformed, "\(field): its column is neither a number nor true or false")
        }
    }

    private func deletion() throws(LegacyError) -> LegacyCopy.Deletion {
        guard let deletion = UInt8(exactly: try flag("deleted")).flatMap(LegacyCopy.Deletion.init(rawValue:)) else {
            throw LegacyError(.malformed, "deleted: is none of 0, 1, 2")
        }
        return deletion
    }

    private func recipients() throws(LegacyError) -> [[UInt8]] {
        guard let text = try optionalText("recipients"), !text.isEmpty else { return [] }
        guard text.first == UInt8(ascii: "[") else {
            return text.split(separator: UInt8(ascii: ",")).map { name in
                Array(name.drop { $0 == UInt8(ascii: " ") }.reversed().drop { $0 == UInt8(ascii: " ") }.reversed())
            }
        }
        return try JSONFields(Array("{\"r\":".utf8) + text + Array("}".utf8)).texts("r")
    }

    private func attachments() throws(LegacyError) -> [LegacyAttachment] {
        guard let text = try optionalText("attachments"), !text.isEmpty else { return [] }
        return try JSONFields(Array("{\"a\":".utf8) + text + Array("}".utf8)).attachments("a")
    }
}
