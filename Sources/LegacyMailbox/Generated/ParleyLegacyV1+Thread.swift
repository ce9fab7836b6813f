// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

import Wire

extension ParleyLegacyV1 {
    struct Thread {
        var thread: [UInt8] = []
        var subject: [UInt8] = []
        var creator: [UInt8] = []
        var createdAt: Int64 = 0

        init() {}
    }
}

extension ParleyLegacyV1.Thread {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // thread
                thread = try reader.text("Thread.thread")
            case 18:  // subject
                subject = try reader.text("Thread.subject")
            case 26:  // creator
                creator = try reader.text("Thread.creator")
            case 32:  // created_at
                createdAt = Int64(bitPattern: try reader.varint("Thread.created_at"))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4:
                    throw ProtobufFault(.wrongWireType, "Thread")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyLegacyV1.Thread {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !thread.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: thread.count)
        }
        if !subject.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: subject.count)
        }
        if !creator.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: creator.count)
        }
        if createdAt != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: createdAt))
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !thread.isEmpty {
            writer.bytes(tag: 10, thread)
        }
        if !subject.isEmpty {
            writer.bytes(tag: 18, subject)
        }
        if !creator.isEmpty {
            writer.bytes(tag: 26, creator)
        }
        if createdAt != 0 {
            writer.varint(tag: 32, UInt64(bitPattern: createdAt))
        }
    }
}
