/// The key under which a key store keeps the others. It never seals content itself.
///
/// Whoever has it and the key store can open everything not erased; without it the key store is worthless. Keep a copy
/// apart from the backups of the key store. Immutable, and overwritten with zeros when released.
public final class MasterKey: Sendable {
    let secret: SecretKey

    init(secret: SecretKey) { self.secret = secret }

    /// A new one.
    /// - Throws: ``ContentProtectionError`` `library`.
    public static func random() throws -> MasterKey { MasterKey(secret: try SecretKey.random()) }

    /// Reads a key as a file holds it.
    ///
    /// - Parameters:
    ///   - bytes: 32 raw bytes, or 64 hexadecimal digits of either case, then at most one line feed. Thirty-two
    ///     hexadecimal digits are refused: they are half a key, not raw bytes.
    ///   - source: where they come from, for the error.
    /// - Throws: ``ContentProtectionError`` `masterKeyMalformed`; the message never shows the bytes.
    public convenience init(_ bytes: UnsafeRawBufferPointer, source: String) throws {
        if bytes.count == SecretKey.byteCount && !bytes.allSatisfy({ MasterKey.digit($0) != nil }) {
            self.init(secret: SecretKey { $0.copyMemory(from: bytes) })
        } else {
            try self.init(hexadecimal: bytes, source: source)
        }
    }

    /// Reads a key as the environment holds it.
    ///
    /// - Parameters:
    ///   - bytes: 64 hexadecimal digits of either case, then at most one line feed.
    ///   - source: where they come from, for the error: the name of the variable.
    /// - Throws: ``ContentProtectionError`` `masterKeyMalformed`; the message never shows the bytes.
    public init(hexadecimal bytes: UnsafeRawBufferPointer, source: String) throws {
        let digits = bytes.last == UInt8(ascii: "\n") ? UnsafeRawBufferPointer(rebasing: bytes.dropLast()) : bytes
        guard digits.count == 2 * SecretKey.byteCount else {
            throw MasterKey.malformed(source, "it has \(bytes.count) bytes")
        }
        secret = try SecretKey { output in
            for index in 0..<SecretKey.byteCount {
                guard let high = MasterKey.digit(digits[2 * index]), let low = MasterKey.digit(digits[2 * index + 1])
                else {
                    throw MasterKey.malformed(source, "a character among its 64 is not a hexadecimal digit")
                }
                output[index] = high << 4 | low
            }
        }
    }

    private static func malformed(_ source: String, _ what: String) -> ContentProtectionError {
        ContentProtectionError(
            .masterKeyMalformed,
            "the master key in \(source) is not 64 hexadecimal digits (or, in a file, 32 raw bytes): \(what); put the right key there, "
                + "or a new one if nothing was ever sealed")
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension MasterKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "MasterKey(\(SecretKey.byteCount) bytes)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
