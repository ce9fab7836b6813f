import Glibc

/// Another process of ours, for tests of what several processes do together and of what a killed one leaves.
///
/// Threads: one at a time.
public final class ChildProcess {
    public let id: Int32
    private let output: Int32
    private var unread: [UInt8] = []
    private var status: Int32?

    /// Starts an executable that was built beside the tests.
    /// - Parameter errorPath: the file that gets its standard error; `nil` for that of this process.
    public init(_ executable: String, _ arguments: [String], errorPath: String? = nil) throws {
        let path = try ChildProcess.directoryOfTests() + "/" + executable
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestFailure("no pipe: errno \(errno)") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, ends[0])
        posix_spawn_file_actions_addclose(&actions, ends[1])
        if let errorPath {
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        // No other child may inherit the reading end.
        _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
        let code = posix_spawn(&child, path, &actions, nil, &words, environ)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw TestFailure("cannot start \(path): errno \(code)")
        }
        id = child
        output = ends[0]
    }

    deinit {
        if status == nil {
            Glibc.kill(id, SIGKILL)
            waitpid(id, nil, 0)
        }
        close(output)
    }

    /// The next line of its standard output; `nil` at the end. A line cut off by the process's death is left out.
    public func readLine() -> String? {
        while true {
            if let end = unread.firstIndex(of: 0x0a) {
                defer { unread.removeSubrange(...end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(output, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return nil }
            unread += buffer[..<count]
        }
    }

    /// Kills it as kill -9 does.
    public func kill() { send(SIGKILL) }

    public func send(_ signal: Int32) { _ = Glibc.kill(id, signal) }

    /// Waits for the end.
    /// - Returns: the exit code, or minus the number of the signal that ended it.
    @discardableResult
    public func wait() -> Int32 {
        if status == nil {
            var word: Int32 = 0
            while waitpid(id, &word, 0) < 0 && errno == EINTR {}
            status = word & 0x7f == 0 ? word >> 8 & 0xff : -(word & 0x7f)
        }
        return status ?? 0
    }

    /// Where the executables of this build are.
    public static func directoryOfTests() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        guard count > 0 else { throw TestFailure("cannot find this process's executable: errno \(errno)") }
        let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else { throw TestFailure("\(path) has no directory") }
        return String(path[..<slash])
    }
}
