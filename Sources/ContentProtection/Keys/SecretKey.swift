import COpenSSL

/// Thirty-two secret bytes, outside of any array, overwritten with zeros when the last reference goes.
///
/// Immutable, so it may be shared between threads. It never shows its bytes in a description or a dump.
public final class SecretKey: @unchecked Sendable {
    /// Bytes of every key here.
    public static let byteCount = 32

    private let memory: UnsafeMutableRawBufferPointer

    /// Makes a key from what the body writes.
    /// - Parameter fill: given 32 bytes of zeros to write the key into; what it throws is thrown on.
    public init(_ fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        memory = .allocate(byteCount: SecretKey.byteCount, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        // When this throws, `deinit` runs: every property is set.
        try fill(memory)
    }

    /// Copies a key; the caller overwrites its own copy.
    /// - Parameter bytes: exactly 32 bytes; any other count gives `nil`.
    public convenience init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == SecretKey.byteCount else { return nil }
        self.init { $0.copyMemory(from: bytes) }
    }

    /// Thirty-two bytes from the library's random generator.
    /// - Throws: ``ContentProtectionError`` `library` when the generator has no entropy.
    public static func random() throws -> SecretKey {
        try SecretKey { memory in
            guard RAND_priv_bytes(memory.baseAddress, Int32(memory.count)) == 1 else {
                throw ContentProtectionError.library("RAND_priv_bytes")
            }
        }
    }

    deinit {
        OPENSSL_cleanse(memory.baseAddress, memory.count)
        memory.deallocate()
    }

    /// Gives the bytes in place. Copies that the body makes are the body's to overwrite.
    @inline(__always)
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(memory)) }
    }

    /// Compares in constant time.
    func isEqual(to other: SecretKey) -> Bool {
        CRYPTO_memcmp(memory.baseAddress, other.memory.baseAddress, SecretKey.byteCount) == 0
    }
}

extension SecretKey: CustomStringConvertible, CustomReflectable {
    public var description: String { "SecretKey(\(SecretKey.byteCount) bytes)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
