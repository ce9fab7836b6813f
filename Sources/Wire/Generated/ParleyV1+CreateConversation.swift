// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

import Messaging

extension ParleyV1 {
    struct CreateConversation {
        enum History: UInt64 {
            case fromJoin = 0
            case all = 1
        }

        var participants: [MemberID] = []
        var title: [UInt8]?
        var history: History = .fromJoin

        init() {}
    }
}

extension ParleyV1.CreateConversation {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // participants
                if participants.isEmpty { participants.reserveCapacity(1 + reader.remaining / 18) }
                participants.append(MemberID(try reader.identifier("CreateConversation.participants")))
            case 18:  // title
                title = try reader.bytes("CreateConversation.title")
            case 24:  // history
                guard let value = History(rawValue: try reader.varint("CreateConversation.history")) else {
                    throw ProtobufFault(.unknownEnumValue, "CreateConversation.history")
                }
                history = value
            default:
                switch tag >> 3 {
                case 1, 2, 3:
                    throw ProtobufFault(.wrongWireType, "CreateConversation")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.CreateConversation {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        for _ in participants {
            size += 18
        }
        if let value = title {
            size += 1 + ProtobufWriter.size(ofDelimited: value.count)
        }
        if history.rawValue != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: history.rawValue)
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        for value in participants {
            writer.identifier(tag: 10, value.value)
        }
        if let value = title {
            writer.bytes(tag: 18, value)
        }
        if history.rawValue != 0 {
            writer.varint(tag: 24, history.rawValue)
        }
    }
}
