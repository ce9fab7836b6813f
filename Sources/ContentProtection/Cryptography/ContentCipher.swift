import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with a 12-byte nonce and a 16-byte tag; a key is used once.
///
/// Threads: one at a time.
final class ContentCipher {
    static let nonceBytes = 12
    static let tagBytes = 16

    private let encryption: OpaquePointer
    private let decryption: OpaquePointer

    init() throws {
        encryption = try makeCipherContext("AES-256-GCM", encrypts: true)
        do { decryption = try makeCipherContext("AES-256-GCM", encrypts: false) } catch {
            EVP_CIPHER_CTX_free(encryption)
            throw error
        }
    }

    deinit {
        EVP_CIPHER_CTX_free(encryption)
        EVP_CIPHER_CTX_free(decryption)
    }

    /// Encrypts into as many bytes as there are, followed by the tag.
    /// - Precondition: `output` has room for `plaintext.count + 16` bytes; counts are below 2^31.
    func seal(
        _ plaintext: UnsafeRawBufferPointer, key: UnsafeRawPointer, nonce: UnsafeRawPointer,
        authenticating data: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer
    ) throws {
        let bytes = output.assumingMemoryBound(to: UInt8.self)
        var written: Int32 = 0
        var ok = EVP_EncryptInit_ex2(encryption, nil, key.bytes, nonce.bytes, nil)
        if data.count > 0 { ok &= EVP_EncryptUpdate(encryption, nil, &written, data.bytes, Int32(data.count)) }
        if plaintext.count > 0 {
            ok &= EVP_EncryptUpdate(encryption, bytes, &written, plaintext.bytes, Int32(plaintext.count))
        }
        let tag = bytes + plaintext.count
        ok &= EVP_EncryptFinal_ex(encryption, tag, &written)
        ok &= EVP_CIPHER_CTX_ctrl(encryption, EVP_CTRL_AEAD_GET_TAG, Int32(ContentCipher.tagBytes), tag)
        guard ok == 1 else { throw ContentProtectionError.library("sealing with AES-256-GCM") }
    }

    /// Decrypts and checks.
    /// - Parameter sealed: ciphertext followed by the tag, at least 16 bytes.
    /// - Returns: `false` when anything is not what was sealed; the output must not be used and is zeros then.
    /// - Precondition: `output` has room for `sealed.count - 16` bytes.
    func open(
        _ sealed: UnsafeRawBufferPointer, key: UnsafeRawPointer, nonce: UnsafeRawPointer,
        authenticating data: UnsafeRawBufferPointer, into output: UnsafeMutableRawPointer
    ) throws -> Bool {
        precondition(sealed.count >= ContentCipher.tagBytes)
        let count = sealed.count - ContentCipher.tagBytes
        let bytes = output.assumingMemoryBound(to: UInt8.self)
        // The library takes the tag through a pointer to mutable bytes, and only reads it.
        let tag = UnsafeMutablePointer(mutating: sealed.bytes + count)
        var written: Int32 = 0
        var ok = EVP_DecryptInit_ex2(decryption, nil, key.bytes, nonce.bytes, nil)
        if data.count > 0 { ok &= EVP_DecryptUpdate(decryption, nil, &written, data.bytes, Int32(data.count)) }
        if count > 0 { ok &= EVP_DecryptUpdate(decryption, bytes, &written, sealed.bytes, Int32(count)) }
        ok &= EVP_CIPHER_CTX_ctrl(decryption, EVP_CTRL_AEAD_SET_TAG, Int32(ContentCipher.tagBytes), tag)
        guard ok == 1 else { throw ContentProtectionError.library("opening with AES-256-GCM") }
        guard EVP_DecryptFinal_ex(decryption, bytes + count, &written) == 1 else {
            OPENSSL_cleanse(output, count)
            return false
        }
        return true
    }
}

extension UnsafeRawPointer {
    @inline(__always)
    fileprivate var bytes: UnsafePointer<UInt8> { assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeRawBufferPointer {
    /// - Precondition: not empty.
    @inline(__always)
    fileprivate var bytes: UnsafePointer<UInt8> { baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self) }
}
