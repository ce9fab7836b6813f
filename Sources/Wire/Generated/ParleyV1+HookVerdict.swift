// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

extension ParleyV1 {
    struct HookVerdict {
        enum Decision: UInt64 {
            case allowed = 0
            case replaced = 1
            case held = 2
        }

        var hook: [UInt8] = []
        var version: [UInt8] = []
        var decision: Decision = .allowed
        var durationMicros: Int64 = 0

        init() {}
    }
}

extension ParleyV1.HookVerdict {
    init(_ bytes: ProtobufReader) throws(ProtobufFault) {
        self.init()
        var reader = bytes
        while let tag = try reader.tag() {
            switch tag {
            case 10:  // hook
                hook = try reader.text("HookVerdict.hook")
            case 18:  // version
                version = try reader.text("HookVerdict.version")
            case 24:  // decision
                guard let value = Decision(rawValue: try reader.varint("HookVerdict.decision")) else {
                    throw ProtobufFault(.unknownEnumValue, "HookVerdict.decision")
                }
                decision = value
            case 32:  // duration_micros
                durationMicros = Int64(bitPattern: try reader.varint("HookVerdict.duration_micros"))
            default:
                switch tag >> 3 {
                case 1, 2, 3, 4:
                    throw ProtobufFault(.wrongWireType, "HookVerdict")
                default:
                    try reader.skip(tag)
                }
            }
        }
    }
}

extension ParleyV1.HookVerdict {
    /// The bytes that `encode` writes.
    var encodedSize: Int {
        var size = 0
        if !hook.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: hook.count)
        }
        if !version.isEmpty {
            size += 1 + ProtobufWriter.size(ofDelimited: version.count)
        }
        if decision.rawValue != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: decision.rawValue)
        }
        if durationMicros != 0 {
            size += 1 + ProtobufWriter.size(ofVarint: UInt64(bitPattern: durationMicros))
        }
        return size
    }

    /// Writes the fields in the order of their numbers.
    func encode(into writer: inout ProtobufWriter) {
        if !hook.isEmpty {
            writer.bytes(tag: 10, hook)
        }
        if !version.isEmpty {
            writer.bytes(tag: 18, version)
        }
        if decision.rawValue != 0 {
            writer.varint(tag: 24, decision.rawValue)
        }
        if durationMicros != 0 {
            writer.varint(tag: 32, UInt64(bitPattern: durationMicros))
        }
    }
}
