// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Delete {
        var message: MessageID?
        var version: CommandID?
        var reason: [UInt8]?

        init() {}
    }
}

extension ParleyV1.Delete {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // message
                message = MessageID(try reader.identifier("Delete.message"))
            case 18:  // version
                version = CommandID(try reader.identifier("Delete.version"))
            case 26:  // reason
                reason = try reader.text("Delete.reason")
            default:
                switch tag >> 3 {
                case 1, 2, 3:
                    throw ProtobufFault(.wrongWireType, "Delete")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Delete {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if message != nil {
            size += 18
        }
        if version != nil {
            size += 18
        }
        if let value = reason {
            size += 1 + ProtobufWriter.size(ofDelimited: value.count)
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = message {
            writer.identifier(tag: 10, value.value)
        }
        if let value = version {
            writer.identifier(tag: 18, value.value)
        }
        if let value = reason {
            writer.bytes(tag: 26, value)
        }
    }
}
