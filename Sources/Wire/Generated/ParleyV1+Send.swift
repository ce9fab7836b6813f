// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Send {
        var message: MessageID?
        var clientToken: [UInt8] = []
        var content: [UInt8] = []
        var digest: PayloadDigest?
        var replyTo: MessageID?
        var sentAt: [UInt8]?
        var direct: MemberID?
        var legacyOrd: Int64?

        init() {}
    }
}

extension ParleyV1.Send {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // message
                message = MessageID(try reader.identifier("Send.message"))
            case 18:  // client_token
                clientToken = try reader.text("Send.client_token")
            case 26:  // content
                content = try reader.bytes("Send.content")
            case 34:  // digest
                digest = PayloadDigest(try reader.identifier("Send.digest"))
            case 42:  // reply_to
                replyTo = MessageID(try reader.identifier("Send.reply_to"))
            case 50:  // sent_at
                sentAt = try reader.text("Send.sent_at")
            case 58:  // direct
                direct = MemberID(try reader.identifier("Send.direct"))
            case 64:  // legacy_ord
                legacyOrd = Int64(bitPattern: try reader.varint("Send.legacy_ord"))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4, 5, 6, 7, 8:
                    throw ProtobufFault(.wrongWireType, "Send")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Send {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if message != nil {
            size += 18
        }
        if !clientToken.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: clientToken.count)
        }
        if !content.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: content.count)
        }
        if digest != nil {
            size += 18
        }
        if replyTo != nil {
            size += 18
        }
        if let value = sentAt {
            size += 1 + ProtobufWriter.size(ofDelimited: value.count)
        }
        if direct != nil {
            size += 18
        }
        if let value = legacyOrd {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = message {
            writer.identifier(tag: 10, value.value)
        }
        if !clientToken.isEmpty {
            writer.bytes(tag: 18, clientToken)
        }
        if !content.isEmpty {
            writer.bytes(tag: 26, content)
        }
        if let value = digest {
            writer.identifier(tag: 34, value.value)
        }
        if let value = replyTo {
            writer.identifier(tag: 42, value.value)
        }
        if let value = sentAt {
            writer.bytes(tag: 50, value)
        }
        if let value = direct {
            writer.identifier(tag: 58, value.value)
        }
        if let value = legacyOrd {
            writer.varint(tag: 64, UInt64(bitPattern: value))
        }
    }
}
