// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

import Wire

extension ParleyLegacyV1 {
    struct Attachment {
        var uri: [UInt8] = []
        var mediaType: [UInt8] = []
        var name: [UInt8] = []
        var byteCount: Int64 = 0

        init() {}
    }
}

extension ParleyLegacyV1.Attachment {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // uri
                uri = try reader.text("Attachment.uri")
            case 18:  // media_type
                mediaType = try reader.text("Attachment.media_type")
            case 26:  // name
                name = try reader.text("Attachment.name")
            case 32:  // byte_count
                byteCount = Int64(bitPattern: try reader.varint("Attachment.byte_count"))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4:
                    throw ProtobufFault(.wrongWireType, "Attachment")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyLegacyV1.Attachment {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !uri.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: uri.count)
        }
        if !mediaType.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: mediaType.count)
        }
        if !name.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: name.count)
        }
        if byteCount != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: byteCount))
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !uri.isEmpty {
            writer.bytes(tag: 10, uri)
        }
        if !mediaType.isEmpty {
            writer.bytes(tag: 18, mediaType)
        }
        if !name.isEmpty {
            writer.bytes(tag: 26, name)
        }
        if byteCount != 0 {
            writer.varint(tag: 32, UInt64(bitPattern: byteCount))
        }
    }
}
