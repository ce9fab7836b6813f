// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct RemoveParticipant {
        var member: MemberID?

        init() {}
    }
}

extension ParleyV1.RemoveParticipant {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // member
                member = MemberID(try reader.identifier("RemoveParticipant.member"))
            default:
                switch tag >> 3 {
                case 1:
                    throw ProtobufFault(.wrongWireType, "RemoveParticipant")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.RemoveParticipant {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if member != nil {
            size += 18
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = member {
            writer.identifier(tag: 10, value.value)
        }
    }
}
