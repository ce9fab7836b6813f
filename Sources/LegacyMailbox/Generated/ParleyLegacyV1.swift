// swift-format-ignore-file
// Written by Schemas/generate.py from Schemas/legacy.proto. Do not edit.

/// The messages of Schemas/legacy.proto.
enum ParleyLegacyV1 {
    enum Operation: UInt64 {
        case insert = 0
        case update = 1
        case delete = 2
        case snapshot = 3
    }
    enum Deletion: UInt64 {
        case none = 0
        case own = 1
        case everyone = 2
    }
}
