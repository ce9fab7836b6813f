import COpenSSL

/// HMAC-SHA256 (RFC 2104) and, upon it, the key derivation HKDF-SHA256 (RFC 5869).
///
/// Threads: one at a time.
final class KeyedHash {
    static let byteCount = 32

    private let context: OpaquePointer

    init() throws {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
            throw ContentProtectionError.library("EVP_MAC_fetch")
        }
        // The context keeps its own reference.
        defer { EVP_MAC_free(algorithm) }
        guard let context = EVP_MAC_CTX_new(algorithm) else { throw ContentProtectionError.library("EVP_MAC_CTX_new") }
        guard KeyedHash.setSHA256(context) else {
            EVP_MAC_CTX_free(context)
            throw ContentProtectionError.library("EVP_MAC_CTX_set_params")
        }
        self.context = context
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// A parameter keeps the pointers to its name and value, so both live until it has been used.
    private static func setSHA256(_ context: OpaquePointer) -> Bool {
        OSSL_MAC_PARAM_DIGEST.withCString { name in
            var value = Array("SHA256".utf8CString)
            return value.withUnsafeMutableBufferPointer { value in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(name, value.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_CTX_set_params(context, parameters) == 1
            }
        }
    }

    /// Starts over with a key of any length but 0; then come ``update(_:)`` calls and one ``finish(into:)``.
    func begin(key: UnsafeRawBufferPointer) throws {
        precondition(key.count > 0, "libcrypto takes an empty key for none")
        guard EVP_MAC_init(context, key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count, nil) == 1 else {
            throw ContentProtectionError.library("EVP_MAC_init")
        }
    }

    func update(_ message: UnsafeRawBufferPointer) throws {
        guard message.count > 0 else { return }
        let bytes = message.baseAddress?.assumingMemoryBound(to: UInt8.self)
        guard EVP_MAC_update(context, bytes, message.count) == 1 else {
            throw ContentProtectionError.library("EVP_MAC_update")
        }
    }

    /// Writes 32 bytes.
    func finish(into output: UnsafeMutableRawPointer) throws {
        var written = 0
        let bytes = output.assumingMemoryBound(to: UInt8.self)
        guard EVP_MAC_final(context, bytes, &written, KeyedHash.byteCount) == 1, written == KeyedHash.byteCount else {
            throw ContentProtectionError.library("EVP_MAC_final")
        }
    }

    // MARK: HKDF

    /// HKDF-Extract: 32 bytes of even quality from a secret.
    /// - Parameter salt: empty stands for 32 zero bytes (RFC 5869 section 2.2).
    func extract(salt: [UInt8], secret: UnsafeRawBufferPointer) throws -> SecretKey {
        try SecretKey { output in
            let salt = salt.isEmpty ? [UInt8](repeating: 0, count: KeyedHash.byteCount) : salt
            try salt.withUnsafeBytes { try begin(key: $0) }
            try update(secret)
            try finish(into: output.baseAddress.unsafelyUnwrapped)
        }
    }

    /// HKDF-Expand.
    /// - Precondition: `output` is at most 255 * 32 bytes.
    func expand(_ key: SecretKey, info: [UInt8], into output: UnsafeMutableRawBufferPointer) throws {
        precondition(output.count <= 255 * KeyedHash.byteCount)
        try withUnsafeTemporaryAllocation(byteCount: KeyedHash.byteCount, alignment: 16) { block in
            defer { OPENSSL_cleanse(block.baseAddress, block.count) }
            var done = 0
            var counter: UInt8 = 0
            while done < output.count {
                try key.withBytes { try begin(key: $0) }
                if counter > 0 { try update(UnsafeRawBufferPointer(block)) }
                counter += 1
                try info.withUnsafeBytes { try update($0) }
                try withUnsafeBytes(of: counter) { try update($0) }
                try finish(into: block.baseAddress.unsafelyUnwrapped)
                let share = min(block.count, output.count - done)
                output[done..<done + share].copyBytes(from: block.prefix(share))
                done += share
            }
        }
    }

    /// HKDF-Expand to one key.
    func expand(_ key: SecretKey, info: [UInt8]) throws -> SecretKey {
        try SecretKey { try expand(key, info: info, into: $0) }
    }
}
