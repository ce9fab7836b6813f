// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

import Wire

extension ParleyLegacyV1 {
    struct Recipient {
        var owner: [UInt8] = []

        init() {}
    }
}

extension ParleyLegacyV1.Recipient {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // owner
                owner = try reader.text("Recipient.owner")
            default:
                switch tag >> 3 {
                case 1:
                    throw ProtobufFault(.wrongWireType, "Recipient")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyLegacyV1.Recipient {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !owner.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: owner.count)
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !owner.isEmpty {
            writer.bytes(tag: 10, owner)
        }
    }
}
