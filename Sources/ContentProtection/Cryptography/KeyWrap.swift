import COpenSSL

/// AES key wrap with a 256-bit key and the default initial value (RFC 3394, "KW" of NIST SP 800-38F).
///
/// The loop is written here over single blocks, because libcrypto's own wrap runs without the processor's AES
/// instructions: 4 times slower. One context is given another key for each call, which costs less than looking one up.
///
/// Threads: one at a time.
final class KeyWrap {
    /// What wrapping adds.
    static let overheadBytes = 8

    private let encryption: OpaquePointer
    private let decryption: OpaquePointer
    private let block: UnsafeMutableRawPointer
    private static let initialValue: UInt64 = 0xa6a6_a6a6_a6a6_a6a6

    init() throws {
        encryption = try makeCipherContext("AES-256-ECB", encrypts: true)
        do { decryption = try makeCipherContext("AES-256-ECB", encrypts: false) } catch {
            EVP_CIPHER_CTX_free(encryption)
            throw error
        }
        EVP_CIPHER_CTX_set_padding(encryption, 0)
        EVP_CIPHER_CTX_set_padding(decryption, 0)
        block = .allocate(byteCount: 16, alignment: 16)
    }

    deinit {
        EVP_CIPHER_CTX_free(encryption)
        EVP_CIPHER_CTX_free(decryption)
        OPENSSL_cleanse(block, 16)
        block.deallocate()
    }

    /// Wraps `count` bytes into `count + 8`.
    /// - Precondition: `count` is a multiple of 8, at least 16 and at most 4,096; the two places do not overlap.
    func wrap(_ input: UnsafeRawPointer, count: Int, with key: SecretKey, into output: UnsafeMutableRawPointer) throws {
        precondition(count % 8 == 0 && count >= 16 && count <= 4_096)
        try setKey(key, of: encryption, encrypts: true)
        let registers = output + 8
        registers.copyMemory(from: input, byteCount: count)
        var chain = KeyWrap.initialValue
        var step: UInt64 = 0
        for _ in 0..<6 {
            for offset in stride(from: 0, to: count, by: 8) {
                step += 1
                block.storeBytes(of: chain, as: UInt64.self)
                (block + 8).copyMemory(from: registers + offset, byteCount: 8)
                try run(encryption)
                chain = block.load(as: UInt64.self) ^ step.bigEndian
                (registers + offset).copyMemory(from: block + 8, byteCount: 8)
            }
        }
        output.storeBytes(of: chain, as: UInt64.self)
    }

    /// Unwraps `count` bytes into `count - 8`.
    /// - Returns: `false` when this key did not wrap these bytes; the output is zeros then.
    /// - Precondition: `count` is a multiple of 8, at least 24 and at most 4,104; the two places do not overlap.
    func unwrap(
        _ input: UnsafeRawPointer, count: Int, with key: SecretKey, into output: UnsafeMutableRawPointer
    ) throws -> Bool {
        precondition(count % 8 == 0 && count >= 24 && count <= 4_104)
        try setKey(key, of: decryption, encrypts: false)
        let length = count - 8
        output.copyMemory(from: input + 8, byteCount: length)
        var chain = input.loadUnaligned(as: UInt64.self)
        var step = UInt64(6 * (length / 8))
        for _ in 0..<6 {
            for offset in stride(from: length - 8, through: 0, by: -8) {
                block.storeBytes(of: chain ^ step.bigEndian, as: UInt64.self)
                (block + 8).copyMemory(from: output + offset, byteCount: 8)
                try run(decryption)
                chain = block.load(as: UInt64.self)
                (output + offset).copyMemory(from: block + 8, byteCount: 8)
                step -= 1
            }
        }
        guard chain == KeyWrap.initialValue else {
            OPENSSL_cleanse(output, length)
            return false
        }
        return true
    }

    @inline(__always)
    private func setKey(_ key: SecretKey, of context: OpaquePointer, encrypts: Bool) throws {
        let done = key.withBytes { raw in
            let bytes = raw.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return encrypts
                ? EVP_EncryptInit_ex2(context, nil, bytes, nil, nil)
                : EVP_DecryptInit_ex2(context, nil, bytes, nil, nil)
        }
        guard done == 1 else { throw ContentProtectionError.library("EVP_CipherInit_ex2 of AES-256-ECB") }
    }

    /// One block, in place.
    @inline(__always)
    private func run(_ context: OpaquePointer) throws {
        let bytes = block.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        guard EVP_CipherUpdate(context, bytes, &written, bytes, 16) == 1, written == 16 else {
            throw ContentProtectionError.library("EVP_CipherUpdate of AES-256-ECB")
        }
    }
}

/// A context for one algorithm and direction, to be given a key for every use.
func makeCipherContext(_ algorithm: String, encrypts: Bool) throws -> OpaquePointer {
    guard let cipher = EVP_CIPHER_fetch(nil, algorithm, nil) else {
        throw ContentProtectionError.library("EVP_CIPHER_fetch of \(algorithm)")
    }
    // The context keeps its own reference.
    defer { EVP_CIPHER_free(cipher) }
    guard let context = EVP_CIPHER_CTX_new() else { throw ContentProtectionError.library("EVP_CIPHER_CTX_new") }
    guard EVP_CipherInit_ex2(context, cipher, nil, nil, encrypts ? 1 : 0, nil) == 1 else {
        EVP_CIPHER_CTX_free(context)
        throw ContentProtectionError.library("EVP_CipherInit_ex2 of \(algorithm)")
    }
    return context
}
