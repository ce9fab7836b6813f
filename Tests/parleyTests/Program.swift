import Glibc
import TestSupport

/// The real executable, run to its end in a data directory of its own.
struct Program {
    struct Ended {
        let code: Int32
        let output: String
        let errors: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
        var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
    }

    let scratch: ScratchDirectory
    var data: String { scratch.path + "/data" }

    init() throws { scratch = try ScratchDirectory() }

    /// A path in the scratch directory.
    func path(_ name: String) -> String { scratch.path + "/" + name }

    /// Writes a file into the scratch directory.
    /// - Returns: its path.
    func file(_ name: String, _ text: String) throws -> String {
        try file(name, Array(text.utf8))
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let descriptor = open(path(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw TestFailure("cannot create \(path(name)): errno \(errno)") }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            guard count > 0 else { throw TestFailure("cannot write \(path(name)): errno \(errno)") }
            written += count
        }
        return path(name)
    }

    /// What a file holds.
    func contents(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { throw TestFailure("cannot read \(path): errno \(errno)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    /// Runs `parley` with these arguments.
    /// - Parameters:
    ///   - input: its standard input, from a file.
    ///   - usesData: whether `--data` is added.
    ///   - shell: what stands behind the command in the shell, such as a redirection.
    func run(_ arguments: [String], input: String = "", usesData: Bool = true, shell: String = "") throws -> Ended {
        let inputPath = try file("standard-input", input)
        let words = usesData && !arguments.isEmpty ? ["--data", data] + arguments : arguments
        let command =
            ([try Self.executable()] + words).map(Self.quoted).joined(separator: " ")
            + " < \(Self.quoted(inputPath)) > \(Self.quoted(path("output"))) 2> \(Self.quoted(path("errors"))) \(shell)"
        let status = system(command)
        return Ended(
            code: status & 0x7f == 0 ? status >> 8 & 0xff : -(status & 0x7f), output: try contents(path("output")),
            errors: try contents(path("errors")))
    }

    /// What a line of the shell prints.
    func shell(_ line: String) throws -> String {
        guard system("\(line) > \(Self.quoted(path("shell-output")))") >= 0 else { throw TestFailure("no shell") }
        return try contents(path("shell-output"))
    }

    func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    private static func executable() throws -> String { try ChildProcess.directoryOfTests() + "/parley" }

    private static func quoted(_ word: String) -> String {
        "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
