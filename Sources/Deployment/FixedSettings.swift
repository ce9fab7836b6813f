import Glibc
import Messaging

/// What a deployment was made with and must always be opened with, in a small file of its directory.
struct FixedSettings: Equatable {
    /// From which the ids of direct conversations come.
    var namespace: Identifier

    private static let limit = 4096

    private var text: String { "# Fixed for the life of this deployment.\nnamespace = \(namespace)\n" }

    /// Writes the file where there is none yet, else checks that it says the same.
    /// - Throws: `DeploymentError` with `configuration` when it says something else.
    func settle(in directory: DataDirectory) throws(DeploymentError) {
        if let there = try Self.read(directory.settings) {
            guard there == self else {
                throw DeploymentError(
                    .configuration,
                    "the namespace: \(directory.settings): this deployment was made with \(there.namespace), not "
                        + "\(namespace): set it so, or choose another directory")
            }
            return
        }
        try write(to: directory.settings)
    }

    /// The file appears whole or not at all; when another process was faster, that one's is checked.
    private func write(to path: String) throws(DeploymentError) {
        let partial = "\(path).\(getpid()).partial"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.failure("cannot create", partial, .cannotCreate) }
        defer { unlink(partial) }
        let bytes = Array(text.utf8)
        let isWritten = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == bytes.count
        let isSynced = isWritten && fsync(descriptor) == 0
        close(descriptor)
        guard isSynced else { throw Self.failure("cannot write", partial, .inputOutput) }
        guard link(partial, path) != 0 else { return }
        guard errno == EEXIST, let there = try Self.read(path), there == self else {
            throw Self.failure("cannot create", path, .cannotCreate)
        }
    }

    /// - Returns: `nil` when there is no such file.
    private static func read(_ path: String) throws(DeploymentError) -> FixedSettings? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("cannot read", path, errno == EACCES ? .notAllowed : .inputOutput)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw failure("cannot read", path, .inputOutput) }
        for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 3, words[0] == "namespace", let namespace = Identifier(text: words[2].utf8) {
                return FixedSettings(namespace: namespace)
            }
        }
        throw DeploymentError(
            .configuration, "no namespace: \(path): the file is damaged: restore it, or write \"namespace = UUID\"")
    }

    private static func failure(_ work: String, _ path: String, _ code: DeploymentError.Code) -> DeploymentError {
        DeploymentError(code, "\(work): \(path): \(String(cString: strerror(errno))): check the directory")
    }
}
