import COpenSSL

/// Why content was not sealed or opened, or keys were not given or destroyed. No message ever holds key or content
/// bytes.
public struct ContentProtectionError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// There is no file with the master key.
        case masterKeyFileMissing
        /// Others than its owner may read the file with the master key.
        case masterKeyFileExposed
        /// The file with the master key cannot be read or made.
        case masterKeyFileUnusable
        /// A master key was to be made where there is one.
        case masterKeyFileExists
        /// What was given as master key is not 32 bytes, nor 64 hexadecimal digits.
        case masterKeyMalformed
        /// The key store was made under another master key.
        case wrongMasterKey
        /// There is no key store, and none was to be made.
        case keyStoreMissing
        /// Others than its owner may read the key store.
        case keyStoreExposed
        /// The key store is damaged, or is another kind of file.
        case keyStoreDamaged
        /// The key store cannot be read or written now.
        case keyStoreUnavailable
        /// Keys are destroyed and can no longer be used, but their old wrapped bytes may still be in the files.
        case erasureUnfinished
        /// Content was sealed with a key this key store never had.
        case unknownKey
        /// Bytes are not sealed content of a known form.
        case malformed
        /// Sealed bytes, or the ids they belong to, are not what was sealed.
        case tampered
        /// Plaintext is longer than sealing allows.
        case tooLarge
        /// The cryptographic library refused to work.
        case library
    }

    public var code: Code
    /// What happened, where, and what to do.
    public var message: String
    /// Trying the same again later may succeed.
    public var isRetriable: Bool
    /// What a lower layer said.
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    public var description: String {
        cause.map { "\(code.rawValue): \(message) (\($0))" } ?? "\(code.rawValue): \(message)"
    }
}

extension ContentProtectionError {
    /// Says that a call into libcrypto failed, with the library's own words, and empties its queue of errors.
    static func library(_ call: String) -> ContentProtectionError {
        var words: [String] = []
        while true {
            let number = ERR_get_error()
            if number == 0 { break }
            words.append(ERR_reason_error_string(number).map { String(cString: $0) } ?? "error \(number)")
        }
        let said = words.isEmpty ? "no reason given" : words.joined(separator: "; ")
        return ContentProtectionError(
            .library,
            "libcrypto failed in \(call): \(said); check that the default provider of OpenSSL 3 is installed"
        )
    }
}
