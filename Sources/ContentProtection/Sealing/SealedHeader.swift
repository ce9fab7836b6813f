public import Messaging

/// The readable beginning of sealed bytes: which keys they need. No key is needed to read it, and nothing proves it
/// before the content has been opened.
@frozen
public struct SealedHeader: Sendable, Hashable {
    /// The format written here, and the only one there is.
    public static let version: UInt8 = 1
    /// Bytes that sealing adds to the plaintext.
    public static let overheadBytes = 85
    /// The longest plaintext that is sealed: a record of the log cannot hold more.
    public static let maximumPlaintextBytes = Limits.recordBytes

    public var authorGeneration: KeyGeneration
    public var conversationGeneration: KeyGeneration

    @inlinable
    public init(authorGeneration: KeyGeneration, conversationGeneration: KeyGeneration) {
        self.authorGeneration = authorGeneration
        self.conversationGeneration = conversationGeneration
    }

    /// Reads the header.
    /// - Throws: ``ContentProtectionError`` `malformed` when the bytes are too short or too long to be sealed content,
    ///   are of an unknown version, or name the generation 0.
    public init(_ sealed: Sealed) throws {
        self = try sealed.bytes.withUnsafeBytes { try SealedHeader(reading: $0) }
    }

    init(reading raw: UnsafeRawBufferPointer) throws {
        guard raw.count >= SealedHeader.overheadBytes else {
            throw SealedHeader.malformed(
                "they are \(raw.count) bytes, and the shortest are \(SealedHeader.overheadBytes)")
        }
        guard raw.count <= SealedHeader.overheadBytes + SealedHeader.maximumPlaintextBytes else {
            throw SealedHeader.malformed("they are \(raw.count) bytes, which is more than a record may have")
        }
        guard raw[0] == SealedHeader.version else {
            throw SealedHeader.malformed(
                "their version is \(raw[0]), and this program knows version 1; use a newer one")
        }
        authorGeneration = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
        conversationGeneration = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: 5, as: UInt32.self))
        guard authorGeneration != 0 && conversationGeneration != 0 else {
            throw SealedHeader.malformed("they name the key generation 0, which never exists")
        }
    }

    private static func malformed(_ what: String) -> ContentProtectionError {
        ContentProtectionError(
            .malformed,
            "these bytes are not sealed content: \(what); the record was made by another program or is damaged")
    }
}

/// Where things stand in sealed bytes of version 1 (Schemas/SEALED.md).
enum SealedLayout {
    static let authorGeneration = 1
    static let conversationGeneration = 5
    static let nonce = 9
    static let wrappedKey = 21
    static let ciphertext = 69

    /// The content key wrapped by the author's key.
    static let innerWrapBytes = 40
    /// That, wrapped by the conversation's key.
    static let outerWrapBytes = 48
}
