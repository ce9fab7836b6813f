// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Stay {
        var member: MemberID?
        var joined: Int64 = 0
        var left: Int64?

        init() {}
    }
}

extension ParleyV1.Stay {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // member
                member = MemberID(try reader.identifier("Stay.member"))
            case 16:  // joined
                joined = Int64(bitPattern: try reader.varint("Stay.joined"))
            case 24:  // left
                left = Int64(bitPattern: try reader.varint("Stay.left"))
            default:
                switch tag >> 3 {
                case 1, 2, 3:
                    throw ProtobufFault(.wrongWireType, "Stay")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Stay {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if member != nil {
            size += 18
        }
        if joined != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: joined))
        }
        if let value = left {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = member {
            writer.identifier(tag: 10, value.value)
        }
        if joined != 0 {
            writer.varint(tag: 16, UInt64(bitPattern: joined))
        }
        if let value = left {
            writer.varint(tag: 24, UInt64(bitPattern: value))
        }
    }
}
