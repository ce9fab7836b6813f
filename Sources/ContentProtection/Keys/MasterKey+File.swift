import COpenSSL
import Glibc

extension MasterKey {
    /// Reads the master key from a file that only its owner may read (mode 0600 or 0400).
    ///
    /// - Parameter file: 32 raw bytes, or 64 hexadecimal digits and at most one line feed.
    /// - Throws: ``ContentProtectionError``: `masterKeyFileMissing`, `masterKeyFileExposed`, `masterKeyFileUnusable`
    ///   (not a file, not readable), `masterKeyMalformed`.
    public convenience init(file: String) throws {
        let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw MasterKey.cannotRead(file, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw MasterKey.cannotRead(file, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ContentProtectionError(
                .masterKeyFileUnusable, "the master key \(file) is not a file; name the file that holds the key")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ContentProtectionError(
                .masterKeyFileExposed,
                "others than its owner may use the master key file \(file) (mode \(octal(status.st_mode))); if "
                    + "nobody has read it, run: chmod 600 '\(file)'")
        }
        self.init(secret: try MasterKey.read(descriptor, file).secret)
    }

    /// Makes a new master key and a file that holds it, mode 0600, as 64 hexadecimal digits and a line feed.
    ///
    /// The file appears whole or not at all, and is on disk when this returns.
    /// - Throws: ``ContentProtectionError``: `masterKeyFileExists` when there is anything of that name,
    ///   `masterKeyFileUnusable` when it cannot be written.
    public static func create(file: String) throws -> MasterKey {
        let key = try MasterKey.random()
        let partial = "\(file).\(getpid())-\(UInt32.random(in: 0 ... .max)).partial"
        let descriptor = Glibc.open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw cannotMake(file, errno) }
        defer {
            close(descriptor)
            unlink(partial)
        }
        guard key.writeHexadecimal(to: descriptor), fsync(descriptor) == 0 else { throw cannotMake(file, errno) }
        // A link, unlike a rename, never takes the place of another file.
        guard link(partial, file) == 0 else {
            guard errno == EEXIST else { throw cannotMake(file, errno) }
            throw ContentProtectionError(
                .masterKeyFileExists, "there is already a master key file \(file); it is left as it is")
        }
        guard syncDirectory(of: file) else { throw cannotMake(file, errno) }
        return key
    }

    private static func read(_ descriptor: Int32, _ file: String) throws -> MasterKey {
        // Room for one byte more than the longest form, so that a longer file shows.
        try withUnsafeTemporaryAllocation(byteCount: 2 * SecretKey.byteCount + 2, alignment: 1) { buffer in
            defer { OPENSSL_cleanse(buffer.baseAddress, buffer.count) }
            var count = 0
            while count < buffer.count {
                let got = Glibc.read(descriptor, buffer.baseAddress.unsafelyUnwrapped + count, buffer.count - count)
                if got < 0 && errno == EINTR { continue }
                guard got >= 0 else { throw cannotRead(file, errno) }
                if got == 0 { break }
                count += got
            }
            return try MasterKey(UnsafeRawBufferPointer(rebasing: buffer[..<count]), source: file)
        }
    }

    private func writeHexadecimal(to descriptor: Int32) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 2 * SecretKey.byteCount + 1, alignment: 1) { text in
            defer { OPENSSL_cleanse(text.baseAddress, text.count) }
            let digits: StaticString = "0123456789abcdef"
            secret.withBytes { bytes in
                for (index, byte) in bytes.enumerated() {
                    text[2 * index] = digits.utf8Start[Int(byte >> 4)]
                    text[2 * index + 1] = digits.utf8Start[Int(byte & 15)]
                }
            }
            text[text.count - 1] = UInt8(ascii: "\n")
            return write(descriptor, text.baseAddress.unsafelyUnwrapped, text.count) == text.count
        }
    }

    private static func cannotRead(_ file: String, _ code: Int32) -> ContentProtectionError {
        if code == ENOENT {
            return ContentProtectionError(
                .masterKeyFileMissing,
                "there is no master key file \(file); put back the key this data was sealed under, or name its file")
        }
        return ContentProtectionError(
            .masterKeyFileUnusable,
            "the master key file \(file) cannot be read: \(reason(code)); give its owner's user to "
                + "this program, or name another file")
    }

    private static func cannotMake(_ file: String, _ code: Int32) -> ContentProtectionError {
        ContentProtectionError(
            .masterKeyFileUnusable,
            "the master key file \(file) cannot be made: \(reason(code)); its directory must exist and be writable",
            isRetriable: code == ENOSPC)
    }
}

/// The system's words for an error number.
func reason(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The permission bits as people write them.
func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o777, radix: 8) }

/// Makes a new or removed name in a file's directory durable.
/// - Returns: `false` when that failed, with `errno` set.
func syncDirectory(of file: String) -> Bool {
    let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
    let directory = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
    return syncPath(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
}

/// Opens, syncs and closes a path.
/// - Returns: `false` when that failed, with `errno` set.
func syncPath(_ path: String, _ flags: Int32) -> Bool {
    let descriptor = Glibc.open(path, flags)
    guard descriptor >= 0 else { return false }
    let done = fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    errno = code
    return done
}
