import Glibc

/// A program of the system, run to its end.
public enum SystemCommand {
    /// What a program left behind.
    public struct Result: Sendable {
        /// The exit code, or minus the number of the signal that ended it.
        public var status: Int32
        /// Standard output and standard error.
        public var output: String
    }

    /// Runs a program and waits for it.
    ///
    /// - Parameters:
    ///   - words: the program, by path or name, and its arguments.
    ///   - environment: more variables.
    /// - Throws: `TestFailure` when it cannot be started.
    public static func run(_ words: [String], environment: [String: String] = [:]) throws -> Result {
        let place = try ScratchDirectory()
        let file = place.path + "/output"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        // A file, not a pipe: what the program leaves running may keep it open.
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for variable in variables.prefix(environment.count) { free(variable) } }
        var inherited = environ
        while let variable = inherited.pointee {
            variables.append(variable)
            inherited += 1
        }
        variables.append(nil)
        var child = pid_t()
        let code = posix_spawnp(&child, words[0], &actions, nil, &arguments, &variables)
        guard code == 0 else { throw TestFailure("cannot start \(words[0]): errno \(code)") }
        var word: Int32 = 0
        while waitpid(child, &word, 0) < 0 && errno == EINTR {}
        let status = word & 0x7f == 0 ? word >> 8 & 0xff : -(word & 0x7f)
        return Result(status: status, output: try readFile(file))
    }

    /// Runs a program that must end well.
    /// - Returns: its output.
    /// - Throws: `TestFailure` with the output.
    @discardableResult
    public static func mustRun(_ words: [String], environment: [String: String] = [:]) throws -> String {
        let result = try run(words, environment: environment)
        try require(result.status == 0, "\(words.joined(separator: " ")): exit \(result.status): \(result.output)")
        return result.output
    }

    private static func readFile(_ path: String) throws -> String {
        guard let file = fopen(path, "rb") else { throw TestFailure("cannot open \(path): errno \(errno)") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += part[..<count]
        }
    }
}
