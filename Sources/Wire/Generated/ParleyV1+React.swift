// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct React {
        var message: MessageID?
        var reaction: [UInt8] = []
        var on: Bool = false

        init() {}
    }
}

extension ParleyV1.React {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // message
                message = MessageID(try reader.identifier("React.message"))
            case 18:  // reaction
                reaction = try reader.text("React.reaction")
            case 24:  // on
                on = try reader.varint("React.on") != 0
            default:
                switch tag >> 3 {
                case 1, 2, 3:
                    throw ProtobufFault(.wrongWireType, "React")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.React {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if message != nil {
            size += 18
        }
        if !reaction.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: reaction.count)
        }
        if on {
            size += 2
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = message {
            writer.identifier(tag: 10, value.value)
        }
        if !reaction.isEmpty {
            writer.bytes(tag: 18, reaction)
        }
        if on {
            writer.varint(tag: 24, on ? 1 : 0)
        }
    }
}
