// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Mark {
        var message: MessageID?
        var on: Bool = false

        init() {}
    }
}

extension ParleyV1.Mark {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // message
                message = MessageID(try reader.identifier("Mark.message"))
            case 16:  // on
                on = try reader.varint("Mark.on") != 0
            default:
                switch tag >> 3 {
                case 1, 2:
                    throw ProtobufFault(.wrongWireType, "Mark")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Mark {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if message != nil {
            size += 18
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
        if on {
            writer.varint(tag: 16, on ? 1 : 0)
        }
    }
}
