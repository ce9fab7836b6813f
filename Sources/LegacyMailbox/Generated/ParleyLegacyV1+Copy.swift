// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

import Wire

extension ParleyLegacyV1 {
    struct Copy {
        var thread: [UInt8] = []
        var owner: [UInt8] = []
        var copy: [UInt8] = []
        var dedupKey: [UInt8] = []
        var folder: [UInt8] = []
        var sender: [UInt8] = []
        var recipients: [ParleyLegacyV1.Recipient] = []
        var subject: [UInt8] = []
        var body: [UInt8]?
        var attachments: [ParleyLegacyV1.Attachment] = []
        var inReplyTo: [UInt8]?
        var sentAt: Int64 = 0
        var readAt: Int64?
        var starred: Bool = false
        var deleted: ParleyLegacyV1.Deletion = .none
        var deletedBy: [UInt8]?
        var editedAt: Int64?

        init() {}
    }
}

extension ParleyLegacyV1.Copy {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // thread
                thread = try reader.text("Copy.thread")
            case 18:  // owner
                owner = try reader.text("Copy.owner")
            case 26:  // copy
                copy = try reader.text("Copy.copy")
            case 34:  // dedup_key
                dedupKey = try reader.text("Copy.dedup_key")
            case 42:  // folder
                folder = try reader.text("Copy.folder")
            case 50:  // sender
                sender = try reader.text("Copy.sender")
            case 58:  // recipients
                guard recipients.count < 10000 else { throw ProtobufFault(.tooMany, "Copy.recipients") }
                recipients.append(try ParleyLegacyV1.Recipient(try reader.nested("Copy.recipients")))
            case 66:  // subject
                subject = try reader.text("Copy.subject")
            case 74:  // body
                body = try reader.text("Copy.body")
            case 82:  // attachments
                guard attachments.count < 1000 else { throw ProtobufFault(.tooMany, "Copy.attachments") }
                attachments.append(try ParleyLegacyV1.Attachment(try reader.nested("Copy.attachments")))
            case 90:  // in_reply_to
                inReplyTo = try reader.text("Copy.in_reply_to")
            case 96:  // sent_at
                sentAt = Int64(bitPattern: try reader.varint("Copy.sent_at"))
            case 104:  // read_at
                readAt = Int64(bitPattern: try reader.varint("Copy.read_at"))
            case 112:  // starred
                starred = try reader.varint("Copy.starred") != 0
            case 120:  // deleted
                guard let value = ParleyLegacyV1.Deletion(rawValue: try reader.varint("Copy.deleted")) else {
                    throw ProtobufFault(.unknownEnumValue, "Copy.deleted")
                }
                deleted = value
            case 130:  // deleted_by
                deletedBy = try reader.text("Copy.deleted_by")
            case 136:  // edited_at
                editedAt = Int64(bitPattern: try reader.varint("Copy.edited_at"))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17:
                    throw ProtobufFault(.wrongWireType, "Copy")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyLegacyV1.Copy {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !thread.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: thread.count)
        }
        if !owner.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: owner.count)
        }
        if !copy.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: copy.count)
        }
        if !dedupKey.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: dedupKey.count)
        }
        if !folder.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: folder.count)
        }
        if !sender.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: sender.count)
        }
        for value in recipients {
            size += 1 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        }
        if !subject.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: subject.count)
        }
        if let value = body {
            size += 1 + ProtobufWriter.size(ofDelimited: value.count)
        }
        for value in attachments {
            size += 1 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        }
        if let value = inReplyTo {
            size += 1 + ProtobufWriter.size(ofDelimited: value.count)
        }
        if sentAt != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: sentAt))
        }
        if let value = readAt {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        if starred {
            size += 2
        }
        if deleted.rawValue != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: deleted.rawValue)
        }
        if let value = deletedBy {
            size += 2 + ProtobufWriter.size(ofDelimited: value.count)
        }
        if let value = editedAt {
            size += 2 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !thread.isEmpty {
            writer.bytes(tag: 10, thread)
        }
        if !owner.isEmpty {
            writer.bytes(tag: 18, owner)
        }
        if !copy.isEmpty {
            writer.bytes(tag: 26, copy)
        }
        if !dedupKey.isEmpty {
            writer.bytes(tag: 34, dedupKey)
        }
        if !folder.isEmpty {
            writer.bytes(tag: 42, folder)
        }
        if !sender.isEmpty {
            writer.bytes(tag: 50, sender)
        }
        for value in recipients {
            writer.varint(tag: 58, UInt64(value.encodedSize))
            value.encode(into: &writer)
        }
        if !subject.isEmpty {
            writer.bytes(tag: 66, subject)
        }
        if let value = body {
            writer.bytes(tag: 74, value)
        }
        for value in attachments {
            writer.varint(tag: 82, UInt64(value.encodedSize))
            value.encode(into: &writer)
        }
        if let value = inReplyTo {
            writer.bytes(tag: 90, value)
        }
        if sentAt != 0 {
            writer.varint(tag: 96, UInt64(bitPattern: sentAt))
        }
        if let value = readAt {
            writer.varint(tag: 104, UInt64(bitPattern: value))
        }
        if starred {
            writer.varint(tag: 112, starred ? 1 : 0)
        }
        if deleted.rawValue != 0 {
            writer.varint(tag: 120, deleted.rawValue)
        }
        if let value = deletedBy {
            writer.bytes(tag: 130, value)
        }
        if let value = editedAt {
            writer.varint(tag: 136, UInt64(bitPattern: value))
        }
    }
}
