// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

extension ParleyV1 {
    struct MarkUnread {
        init() {}
    }
}

extension ParleyV1.MarkUnread {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            default:
                try reader.skip(tag)
            }
        }
    }
}

extension ParleyV1.MarkUnread {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        0
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
    }
}
