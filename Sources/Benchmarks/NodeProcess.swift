import Glibc

/// A process started for a benchmark.
///
/// It finds what it works on by its arguments and by the variables given here. What the environment of the benchmark says of
/// logs and stores (`PARLEY_...`) is about where to measure, and does not reach it.
struct NodeProcess {
    private static let prefix = "PARLEY_"
    private let pid: pid_t

    /// What it prints is no figure: nobody sees it.
    ///
    /// - Parameter variables: names without the prefix, and their values; a place for secrets, which arguments are not: those
    ///   show in lists of processes.
    /// - Throws: `BenchmarkError` when it cannot be started.
    init(_ executable: String, _ arguments: [String], variables: [String: String] = [:]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        let words = CStrings([executable] + arguments)
        let environment = CStrings(Self.environment(Self.inherited(), variables))
        defer {
            words.free()
            environment.free()
        }
        var child = pid_t()
        let code = posix_spawn(&child, executable, &actions, nil, words.pointers, environment.pointers)
        guard code == 0 else { throw BenchmarkError("\(executable) cannot be started: error \(code)") }
        pid = child
    }

    /// - Returns: what it finds: `NAME=VALUE`, each.
    static func environment(_ inherited: [String], _ variables: [String: String]) -> [String] {
        inherited.filter { !$0.hasPrefix(prefix) }
            + variables.sorted { $0.key < $1.key }.map { "\(prefix)\($0)=\($1)" }
    }

    private static func inherited() -> [String] {
        var found: [String] = []
        var place = environ
        while let entry = place.pointee {
            found.append(String(cString: entry))
            place += 1
        }
        return found
    }

    /// Waits for its end, or stops it when it should.
    /// - Returns: 0 when it ended by itself and did its work.
    func wait(stoppingWhen shouldStop: () -> Bool) -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if shouldStop() {
                stop()
                return 0
            }
            usleep(10_000)
        }
        return status
    }

    /// Stops it and waits for its end.
    func stop() {
        kill(pid, SIGTERM)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }
}

/// Strings as C takes a list of them, ended by a null.
private struct CStrings {
    let pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) { pointers = strings.map { strdup($0) } + [nil] }

    func free() { for pointer in pointers { Glibc.free(pointer) } }
}
