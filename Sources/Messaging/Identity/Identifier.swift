/// Sixteen bytes, held as two machine words in network order, so that hashing and comparing cost a few instructions.
///
/// The order is that of the bytes, which for UUID text is also the order of the text.
@frozen
public struct Identifier: Hashable, Comparable, Sendable {
    /// Bytes 0 to 7, most significant first.
    public var high: UInt64
    /// Bytes 8 to 15, most significant first.
    public var low: UInt64

    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter bytes: exactly 16 bytes; any other count gives `nil`.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var index = 0
        for byte in bytes {
            if index < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
            index += 1
        }
        self.init(high: words.0, low: words.1)
    }

    /// Reads 16 bytes in place.
    /// - Precondition: `raw` holds at least 16 bytes.
    @inlinable
    public init(unaligned raw: UnsafeRawPointer) {
        high = UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self))
        low = UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The 16 bytes in network order.
    @inlinable
    public var bytes: [UInt8] { withBytes { Array($0) } }

    /// Gives the 16 bytes without allocating.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        var words = (high.bigEndian, low.bigEndian)
        return try withUnsafeBytes(of: &words) { try body($0) }
    }

    @inlinable
    public static func < (left: Identifier, right: Identifier) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}

/// An identifier that cannot be mistaken for one of another kind.
@frozen
public struct ID<Kind>: Hashable, Comparable, Sendable {
    public var value: Identifier

    @inlinable
    public init(_ value: Identifier) { self.value = value }

    /// - Parameter bytes: exactly 16 bytes; any other count gives `nil`.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        guard let value = Identifier(bytes: bytes) else { return nil }
        self.value = value
    }

    /// - Parameter text: 36 characters of UUID text in lower case; anything else gives `nil`.
    public init?(text: some Collection<UInt8>) {
        guard let value = Identifier(text: text) else { return nil }
        self.value = value
    }

    @inlinable
    public static func < (left: ID<Kind>, right: ID<Kind>) -> Bool { left.value < right.value }
}

extension ID: CustomStringConvertible {
    public var description: String { value.description }
}

/// The kinds of identifier; never instantiated.
public enum MemberIDKind {}
public enum ConversationIDKind {}
public enum MessageIDKind {}
public enum CommandIDKind {}

/// A person or bot, known only by this id, which the caller gives.
public typealias MemberID = ID<MemberIDKind>
/// A thread.
public typealias ConversationID = ID<ConversationIDKind>
/// A message; the same for everybody who sees it.
public typealias MessageID = ID<MessageIDKind>
/// What was asked; the idempotency key. A version of a message is named by the command that made it.
public typealias CommandID = ID<CommandIDKind>
