// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

extension ParleyV1 {
    struct Close {
        var on: Bool = false

        init() {}
    }
}

extension ParleyV1.Close {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 8:  // on
                on = try reader.varint("Close.on") != 0
            default:
                switch tag >> 3 {
                case 1:
                    throw ProtobufFault(.wrongWireType, "Close")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.Close {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if on {
            size += 2
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if on {
            writer.varint(tag: 8, on ? 1 : 0)
        }
    }
}
