// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

import Wire

extension ParleyLegacyV1 {
    struct Participant {
        var thread: [UInt8] = []
        var owner: [UInt8] = []
        var joinedAt: Int64 = 0
        var leftAt: Int64?
        var folder: [UInt8] = []

        init() {}
    }
}

extension ParleyLegacyV1.Participant {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // thread
                thread = try reader.text("Participant.thread")
            case 18:  // owner
                owner = try reader.text("Participant.owner")
            case 24:  // joined_at
                joinedAt = Int64(bitPattern: try reader.varint("Participant.joined_at"))
            case 32:  // left_at
                leftAt = Int64(bitPattern: try reader.varint("Participant.left_at"))
            case 42:  // folder
                folder = try reader.text("Participant.folder")
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4, 5:
                    throw ProtobufFault(.wrongWireType, "Participant")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyLegacyV1.Participant {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !thread.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: thread.count)
        }
        if !owner.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: owner.count)
        }
        if joinedAt != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: joinedAt))
        }
        if let value = leftAt {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: value))
        }
        if !folder.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: folder.count)
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !thread.isEmpty {
            writer.bytes(tag: 10, thread)
        }
        if !owner.isEmpty {
            writer.bytes(tag: 18, owner)
        }
        if joinedAt != 0 {
            writer.varint(tag: 24, UInt64(bitPattern: joinedAt))
        }
        if let value = leftAt {
            writer.varint(tag: 32, UInt64(bitPattern: value))
        }
        if !folder.isEmpty {
            writer.bytes(tag: 42, folder)
        }
    }
}
