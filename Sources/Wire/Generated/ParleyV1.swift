// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/record.proto. Do not edit.

/// The messages of Schemas/record.proto.
enum ParleyV1 {
    enum Origin: UInt64 {
        case native = 0
        case legacy = 1
    }
}
