import Glibc

/// A small file that is written once, as a whole, and never changed.
enum SettledFile {
    private static let limit = 4096

    /// Writes the file unless there is one.
    /// - Returns: the text that is there now: this one, or that of another process that was faster.
    static func write(_ text: String, to path: String) throws(DeploymentError) -> String {
        let partial = "\(path).\(getpid()).partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure("cannot create", partial, .cannotCreate) }
        defer { unlink(partial) }
        let bytes = Array(text.utf8)
        let isWritten = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
        let isSynced = isWritten && fsync(descriptor) == 0
        close(descriptor)
        guard isSynced else { throw failure("cannot write", partial, .inputOutput) }
        guard link(partial, path) != 0 else { return text }
        guard errno == EEXIST, let there = try read(path) else { throw failure("cannot create", path, .cannotCreate) }
        return there
    }

    /// - Returns: `nil` when there is no such file.
    static func read(_ path: String) throws(DeploymentError) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("cannot read", path, errno == EACCES ? .notAllowed : .inputOutput)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure("cannot read", path, .inputOutput) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The value of the line `name = value`.
    static func value(of name: String, in text: String) -> Substring? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == name { return words[2] }
        }
        return nil
    }

    private static func failure(_ work: String, _ path: String, _ code: DeploymentError.Code) -> DeploymentError {
        DeploymentError(code, "\(work): \(path): \(String(cString: strerror(errno))): check the directory")
    }
}
