// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Edit {
        var message: MessageID?
        var content: [UInt8] = []
        var expectedVersion: CommandID?
        var legacyOrd: Int64?
        var legacyDigest: PayloadDigest?

        init() {}
    }
}

extension ParleyV1.Edit {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // message
                message = MessageID(try reader.identifier("Edit.message"))
            case 18:  // content
                content = try reader.bytes("Edit.content")
            case 26:  // expected_version
                expectedVersion = CommandID(try reader.identifier("Edit.expected_version"))
            case 32:  // legacy_ord
                legacyOrd = Int64(bitPattern: try reader.varint("Edit.legacy_ord"))
            case 42:  // legacy_digest
                legacyDigest = PayloadDigest(try reader.identifier("Edit.legacy_digest"))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4, 5:
                    throw ProtobufFault(.wrongWireType, "Edit")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Edit {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if message != nil {
            size += 18
        }
        if !content.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: content.count)
        }
        if expectedVersion != nil {
            size += 18
        }
        if let value = legacyOrd {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        if legacyDigest != nil {
            size += 18
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = message {
            writer.identifier(tag: 10, value.value)
        }
        if !content.isEmpty {
            writer.bytes(tag: 18, content)
        }
        if let value = expectedVersion {
            writer.identifier(tag: 26, value.value)
        }
        if let value = legacyOrd {
            writer.varint(tag: 32, UInt64(bitPattern: value))
        }
        if let value = legacyDigest {
            writer.identifier(tag: 42, value.value)
        }
    }
}
