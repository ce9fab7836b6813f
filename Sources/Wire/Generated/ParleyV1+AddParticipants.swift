// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct AddParticipants {
        var members: [MemberID] = []

        init() {}
    }
}

extension ParleyV1.AddParticipants {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // members
                if members.isEmpty { members.reserveCapacity(1 + reader.remaining / 18) }
                members.append(MemberID(try reader.identifier("AddParticipants.members")))
            default:
                switch tag >> 3 {
                case 1:
                    throw ProtobufFault(.wrongWireType, "AddParticipants")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.AddParticipants {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        for _ in members {
            size += 18
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        for value in members {
            writer.identifier(tag: 10, value.value)
        }
    }
}
