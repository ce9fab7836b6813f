// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct SetModerator {
        var member: MemberID?
        var on: Bool = false

        init() {}
    }
}

extension ParleyV1.SetModerator {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // member
                member = MemberID(try reader.identifier("SetModerator.member"))
            case 16:  // on
                on = try reader.varint("SetModerator.on") != 0
            default:
                switch tag >> 3 {
                case 1, 2:
                    throw ProtobufFault(.wrongWireType, "SetModerator")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.SetModerator {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if member != nil {
            size += 18
        }
        if on {
            size += 2
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = member {
            writer.identifier(tag: 10, value.value)
        }
        if on {
            writer.varint(tag: 16, on ? 1 : 0)
        }
    }
}
