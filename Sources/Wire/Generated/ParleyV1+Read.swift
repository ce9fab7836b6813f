// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct Read {
        enum UpTo {
            case ord(Int64)
            case message(MessageID)
        }

        var upTo: UpTo?
        var isPrivate: Bool = false

        init() {}
    }
}

extension ParleyV1.Read {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 8:  // ord
                upTo = .ord(Int64(bitPattern: try reader.varint("Read.ord")))
            case 18:  // message
                upTo = .message(MessageID(try reader.identifier("Read.message")))
            case 24:  // is_private
                isPrivate = try reader.varint("Read.is_private") != 0
            default:
                switch tag >> 3 {
                case 1, 2, 3:
                    throw ProtobufFault(.wrongWireType, "Read")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Read {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        switch upTo {
        case .ord(let value):
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        case .message:
            size += 18
        case nil: break
        }
        if isPrivate {
            size += 2
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        switch upTo {
        case .ord(let value):
            writer.varint(tag: 8, UInt64(bitPattern: value))
        case .message(let value):
            writer.identifier(tag: 18, value.value)
        case nil: break
        }
        if isPrivate {
            writer.varint(tag: 24, isPrivate ? 1 : 0)
        }
    }
}
