/// An encrypted body or title. Projectors carry these bytes and never open them.
public struct Sealed: Sendable, Equatable {
    public var bytes: [UInt8]
    public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// 128 bits of HMAC-SHA256 over content and `replyTo`, under a key derived from the conversation's.
///
/// Two sends of one message are copies when these are equal, and a conflict when they are not.
@frozen
public struct PayloadDigest: Sendable, Hashable {
    public var value: Identifier
    @inlinable
    public init(_ value: Identifier) { self.value = value }
}

extension Sealed {
    /// The author's and the conversation's key generation, read from bytes 1 to 8 of the sealed form; 0 when it is too short.
    ///
    /// Whether keys were destroyed can be told by these alone, after the content itself has gone.
    public var keyGenerations: UInt64 {
        guard bytes.count >= 9 else { return 0 }
        return bytes[1..<9].reduce(0) { $0 << 8 | UInt64($1) }
    }
}
