import Messaging
import Wire

/// A legacy write as one JSON object; `Schemas/LEGACY.md` lists the fields.
extension LegacyWrite {
    /// The version of the form, in JSON and protobuf alike.
    static let formatVersion: Int64 = 1

    /// One line without its end; every field is present.
    /// - Precondition: all text is UTF-8.
    public func json() -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("format")
        writer.int(Self.formatVersion)
        writer.key("operation")
        writer.string(operation.name)
        writer.key("sourceVersion")
        writer.int(sourceVersion)
        writer.key("row")
        switch row {
        case .thread(let row):
            writer.word("thread")
            row.write(to: &writer)
        case .participant(let row):
            writer.word("participant")
            row.write(to: &writer)
        case .copy(let row):
            writer.word("copy")
            row.write(to: &writer)
        }
        writer.endObject()
        return writer.bytes
    }

    /// - Throws: `LegacyError` with `malformed`, or `unknown` for a form of a newer program.
    public init(json: [UInt8]) throws(LegacyError) {
        let fields = try JSONFields(json)
        guard try fields.int("format") == Self.formatVersion else {
            throw LegacyError(.unknown, "a legacy write of another format than 1: upgrade this program")
        }
        let word = try fields.text("operation")
        guard let operation = Operation.allCases.first(where: { $0.name.utf8.elementsEqual(word) }) else {
            throw LegacyError(.unknown, "a legacy write with an operation that is not known: upgrade this program")
        }
        self.init(operation, try Row(fields), sourceVersion: try fields.int("sourceVersion"))
    }
}

extension LegacyWrite.Operation {
    var name: String {
        switch self {
        case .insert: "insert"
        case .update: "update"
        case .delete: "delete"
        case .snapshot: "snapshot"
        }
    }
}

extension LegacyWrite.Row {
    init(_ fields: JSONFields) throws(LegacyError) {
        switch String(decoding: try fields.text("row"), as: UTF8.self) {
        case "thread": self = .thread(try LegacyThread(fields))
        case "participant": self = .participant(try LegacyParticipant(fields))
        case "copy": self = .copy(try LegacyCopy(fields))
        default: throw LegacyError(.unknown, "a legacy write of a row that is not known: upgrade this program")
        }
    }
}

extension LegacyThread {
    func write(to writer: inout JSONWriter) {
        writer.field("thread", thread)
        writer.field("subject", subject)
        writer.field("creator", creator)
        writer.field("createdAt", createdAt)
    }

    init(_ fields: JSONFields) throws(LegacyError) {
        self.init(
            thread: try fields.text("thread"), subject: try fields.text("subject"),
            creator: try fields.text("creator"), createdAt: try fields.int("createdAt"))
    }
}

extension LegacyParticipant {
    func write(to writer: inout JSONWriter) {
        writer.field("thread", thread)
        writer.field("owner", owner)
        writer.field("joinedAt", joinedAt)
        writer.field("leftAt", leftAt)
        writer.field("folder", folder)
    }

    init(_ fields: JSONFields) throws(LegacyError) {
        self.init(
            thread: try fields.text("thread"), owner: try fields.text("owner"), joinedAt: try fields.int("joinedAt"),
            leftAt: try fields.optionalInt("leftAt"), folder: try fields.text("folder"))
    }
}

extension LegacyCopy {
    func write(to writer: inout JSONWriter) {
        writer.field("thread", thread)
        writer.field("owner", owner)
        writer.field("copy", copyID)
        writer.field("dedupKey", deduplicationKey)
        writer.field("folder", folder)
        writer.field("sender", sender)
        writer.key("recipients")
        writer.list(recipients)
        writer.field("subject", subject)
        writer.field("body", body)
        writer.key("attachments")
        writer.list(attachments)
        writer.field("inReplyTo", inReplyTo)
        writer.field("sentAt", sentAt)
        writer.field("readAt", readAt)
        writer.key("starred")
        writer.bool(starred)
        writer.field("deleted", Int64(deletion.rawValue))
        writer.field("deletedBy", deletedBy)
        writer.field("editedAt", editedAt)
    }

    init(_ fields: JSONFields) throws(LegacyError) {
        let deleted = try fields.int("deleted")
        guard let deletion = UInt8(exactly: deleted).flatMap(Deletion.init(rawValue:)) else {
            throw LegacyError(.unknown, "deleted: a number that is not known: upgrade this program")
        }
        self.init(
            thread: try fields.text("thread"), owner: try fields.text("owner"), copyID: try fields.text("copy"),
            deduplicationKey: try fields.text("dedupKey"), folder: try fields.text("folder"),
            sender: try fields.text("sender"), recipients: try fields.texts("recipients"),
            subject: try fields.text("subject"), body: try fields.optionalText("body"),
            attachments: try fields.attachments("attachments"), inReplyTo: try fields.optionalText("inReplyTo"),
            sentAt: try fields.int("sentAt"), readAt: try fields.optionalInt("readAt"),
            starred: try fields.bool("starred"), deletion: deletion, deletedBy: try fields.optionalText("deletedBy"),
            editedAt: try fields.optionalInt("editedAt"))
    }
}
