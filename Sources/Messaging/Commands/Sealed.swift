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
