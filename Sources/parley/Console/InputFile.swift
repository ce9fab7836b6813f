import Arguments
import Glibc

/// Opening and reading what the user names; `-` is standard input.
enum InputFile {
    /// - Returns: an open descriptor, to be closed by the caller unless it is standard input.
    /// - Throws: `Failure` with 66 when there is no such file, 77 when it may not be read, 74 otherwise.
    static func open(_ path: String) throws -> Int32 {
        if path == "-" { return STDIN_FILENO }
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw Failure(.noInput, "cannot read: \(path): it is a directory: name a file")
        }
        return descriptor
    }

    /// The whole file.
    /// - Parameter limit: bytes; a longer file is bad input.
    static func readAll(_ path: String, limit: Int) throws -> [UInt8] {
        let descriptor = try open(path)
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        while true {
            let count = try append(to: &bytes, from: descriptor, name: path, atMost: 65_536)
            if count == 0 { return bytes }
            if bytes.count > limit {
                throw Failure(.badInput, "too large: \(path): more than \(limit) bytes: name another file")
            }
        }
    }

    /// A text given on the command line, or with `-` all of standard input without the line feed that ends it.
    static func text(_ argument: String) throws -> [UInt8] {
        guard argument == "-" else { return Array(argument.utf8) }
        var bytes = try readAll("-", limit: 1 << 20)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        return bytes
    }

    /// Reads once.
    /// - Returns: the number of bytes read, 0 at the end.
    static func append(
        to bytes: inout [UInt8], from descriptor: Int32, name: String, atMost count: Int
    ) throws -> Int {
        let before = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: count))
        while true {
            let got = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + before, count) }
            if got < 0, errno == EINTR { continue }
            let error = errno
            bytes.removeLast(count - max(0, got))
            guard got >= 0 else { throw failure(name, error) }
            return got
        }
    }

    private static func failure(_ path: String, _ error: Int32) -> Failure {
        let reason = String(cString: strerror(error))
        switch error {
        case ENOENT, ENOTDIR: return Failure(.noInput, "cannot read: \(path): \(reason): name an existing file")
        case EACCES, EPERM: return Failure(.notAllowed, "cannot read: \(path): \(reason): ask for the right to read it")
        default: return Failure(.inputOutput, "cannot read: \(path): \(reason): check the disk or the mount")
        }
    }
}
