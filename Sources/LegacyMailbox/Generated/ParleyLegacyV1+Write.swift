// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

import Wire

extension ParleyLegacyV1 {
    struct Write {
        enum Row {
            case thread(ParleyLegacyV1.Thread)
            case participant(ParleyLegacyV1.Participant)
            case copy(ParleyLegacyV1.Copy)
        }

        var formatVersion: UInt32 = 0
        var operation: ParleyLegacyV1.Operation = .insert
        var sourceVersion: Int64 = 0
        var row: Row?
        /// The number of a kind that this version does not know.
        var unknownRow: UInt32?

        init() {}
    }
}

extension ParleyLegacyV1.Write {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 8:  // format_version
                let value = try reader.varint("Write.format_version")
                guard value <= UInt64(UInt32.max) else { throw ProtobufFault(.varintOverflow, "Write.format_version") }
                formatVersion = UInt32(truncatingIfNeeded: value)
            case 16:  // operation
                guard let value = ParleyLegacyV1.Operation(rawValue: try reader.varint("Write.operation")) else {
                    throw ProtobufFault(.unknownEnumValue, "Write.operation")
                }
                operation = value
            case 24:  // source_version
                sourceVersion = Int64(bitPattern: try reader.varint("Write.source_version"))
            case 130:  // thread
                row = .thread(try ParleyLegacyV1.Thread(try reader.nested("Write.thread")))
            case 138:  // participant
                row = .participant(try ParleyLegacyV1.Participant(try reader.nested("Write.participant")))
            case 146:  // copy
                row = .copy(try ParleyLegacyV1.Copy(try reader.nested("Write.copy")))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 16, 17, 18:
                    throw ProtobufFault(.wrongWireType, "Write")
                case 16...31:
                    unknownRow = tag >> 3
                    try reader.skip(tag)
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyLegacyV1.Write {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if formatVersion != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(formatVersion))
        }
        if operation.rawValue != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: operation.rawValue)
        }
        if sourceVersion != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: sourceVersion))
        }
        switch row {
        case .thread(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .participant(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case .copy(let value):
            size += 2 + ProtobufWriter.size(ofDelimited: value.encodedSize)
        case nil: break
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if formatVersion != 0 {
            writer.varint(tag: 8, UInt64(formatVersion))
        }
        if operation.rawValue != 0 {
            writer.varint(tag: 16, operation.rawValue)
        }
        if sourceVersion != 0 {
            writer.varint(tag: 24, UInt64(bitPattern: sourceVersion))
        }
        switch row {
        case .thread(let value):
            writer.varint(tag: 130, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .participant(let value):
            writer.varint(tag: 138, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case .copy(let value):
            writer.varint(tag: 146, UInt64(value.encodedSize))
            value.encode(into: &writer)
        case nil: break
        }
    }
}
