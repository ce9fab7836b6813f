// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct CopyState {
        var message: MessageID?
        var ord: Int64 = 0
        var isRead: Bool?
        var isStarred: Bool = false
        var isHidden: Bool = false

        init() {}
    }
}

extension ParleyV1.CopyState {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // message
                message = MessageID(try reader.identifier("CopyState.message"))
            case 16:  // ord
                ord = Int64(bitPattern: try reader.varint("CopyState.ord"))
            case 24:  // is_read
                isRead = try reader.varint("CopyState.is_read") != 0
            case 32:  // is_starred
                isStarred = try reader.varint("CopyState.is_starred") != 0
            case 40:  // is_hidden
                isHidden = try reader.varint("CopyState.is_hidden") != 0
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4, 5:
                    throw ProtobufFault(.wrongWireType, "CopyState")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.CopyState {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if message != nil {
            size += 18
        }
        if ord != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: ord))
        }
        if isRead != nil {
            size += 2
        }
        if isStarred {
            size += 2
        }
        if isHidden {
            size += 2
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if let value = message {
            writer.identifier(tag: 10, value.value)
        }
        if ord != 0 {
            writer.varint(tag: 16, UInt64(bitPattern: ord))
        }
        if let value = isRead {
            writer.varint(tag: 24, value ? 1 : 0)
        }
        if isStarred {
            writer.varint(tag: 32, isStarred ? 1 : 0)
        }
        if isHidden {
            writer.varint(tag: 40, isHidden ? 1 : 0)
        }
    }
}
