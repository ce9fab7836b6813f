// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

extension ParleyV1 {
    struct Rename {
        var title: [UInt8] = []

        init() {}
    }
}

extension ParleyV1.Rename {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // title
                title = try reader.bytes("Rename.title")
            default:
                switch tag >> 3 {
                case 1:
                    throw ProtobufFault(.wrongWireType, "Rename")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Rename {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !title.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: title.count)
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !title.isEmpty {
            writer.bytes(tag: 10, title)
        }
    }
}
