import Glibc
public import Postgres

/// A PostgreSQL server of the tests' own: a new cluster in a temporary directory, one for each test process.
///
/// A shell keeps watch over it: when the test process ends, however it ends, the server is stopped and its directory
/// removed. `fsync` is on. It listens on a socket in its directory and on a port of 127.0.0.1.
/// Threads: any.
public final class PostgresServer: Sendable {
    /// Where the programs are; `nil` when no server is installed.
    public static let binaries: String? = {
        let root = "/usr/lib/postgresql"
        let versions = ((try? filesIn(root)) ?? []).compactMap { Int32($0) }.sorted(by: >)
        let named = getenv("PARLEY_TEST_POSTGRES_BIN").map { [String(cString: $0)] } ?? []
        return (named + versions.map { "\(root)/\($0)/bin" }).first { access("\($0)/postgres", X_OK) == 0 }
    }()

    public static var isInstalled: Bool { binaries != nil }

    /// What tests that need a server say when they are skipped.
    public static let skipped = "no PostgreSQL server in /usr/lib/postgresql or PARLEY_TEST_POSTGRES_BIN: skipped"

    private static let only = Result { try PostgresServer() }

    /// The server of this process, started when first asked for.
    public static func shared() throws -> PostgresServer { try only.get() }

    public let directory: String
    public let port: Int32
    /// The pipe by which the shell is told what to do; when it closes, everything ends.
    private let orders: Int32

    /// Starts another server, for tests that kill it.
    public init() throws {
        guard let binaries = Self.binaries else { throw TestFailure(Self.skipped) }
        directory = try Self.makeDirectory()
        port = try Self.freePort()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestFailure("no pipe: errno \(errno)") }
        // No other child may hold the writing end, or the shell would not see ours close.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        orders = ends[1]
        var words = ["/bin/sh", "-c", Self.watch, "sh", binaries, directory, String(port)]
        // A server refuses to run as root.
        if geteuid() == 0 { words += ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] }
        try Self.spawn(words, input: ends[0])
        close(ends[0])
        try order("start")
        try waitUntilReady()
    }

    deinit { close(orders) }

    /// A database of the server, as its superuser.
    public func address(_ database: String = "postgres") throws -> PostgresAddress {
        try PostgresAddress(url: "postgres://postgres@/\(database)?host=\(directory)&port=\(port)")
    }

    /// The same as a URL.
    public func url(_ database: String, user: String = "postgres") -> String {
        "postgres://\(user)@/\(database)?host=\(directory)&port=\(port)"
    }

    /// Makes an empty database, runs `body`, and drops it.
    /// - Parameter isDurable: whether a commit waits for the disk, as it does by default in a server. Only tests of what a
    ///   crash leaves need that.
    public func withDatabase<Result>(
        isDurable: Bool = false, _ body: (PostgresAddress) throws -> Result
    ) throws -> Result {
        let name = try makeDatabase(isDurable: isDurable)
        defer { dropDatabase(name) }
        return try body(address(name))
    }

    /// Makes an empty database; ``dropDatabase(_:)`` drops it.
    public func makeDatabase(isDurable: Bool = false) throws -> String {
        let name = newName()
        let connection = try PostgresConnection(address())
        try connection.execute("CREATE DATABASE \(name)")
        if !isDurable { try connection.execute("ALTER DATABASE \(name) SET synchronous_commit = off") }
        return name
    }

    public func dropDatabase(_ name: String) {
        // What is left over goes with the server.
        _ = try? PostgresConnection(address()).execute("DROP DATABASE \(name) WITH (FORCE)")
    }

    /// A name that no database or role of the server has.
    public func newName() -> String { "test_\(getpid())_\(Self.numbers.next())" }

    private static let numbers = SerialNumbers()

    /// Kills the postmaster as kill -9 does; its children notice and end.
    public func kill() throws {
        let before = try processID()
        _ = Glibc.kill(before, SIGKILL)
        while Self.isRunning(before) { Threads.sleep(millis: 5) }
    }

    /// Whether there is such a process that has not ended; one that nobody has waited for yet has.
    private static func isRunning(_ process: Int32) -> Bool {
        guard let file = fopen("/proc/\(process)/stat", "re") else { return false }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 512)
        guard fgets(&line, 512, file) != nil else { return false }
        let bytes = line.map { UInt8(bitPattern: $0) }
        guard let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count else { return false }
        return bytes[end + 2] != UInt8(ascii: "Z")
    }

    /// Starts the server again after ``kill()``.
    public func start() throws {
        let deadline = Threads.nowNanos() + 30_000_000_000
        while true {
            try order("start")
            if (try? waitUntilReady(seconds: 3)) != nil { return }
            guard Threads.nowNanos() < deadline else { throw TestFailure("the server does not start: \(log)") }
        }
    }

    /// The end of what the server wrote.
    public var log: String {
        guard let file = fopen("\(directory)/server.log", "re") else { return "no log" }
        defer { fclose(file) }
        fseek(file, -4000, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: 4000)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    // MARK: The shell

    /// Orders come as lines; at the end of input everything is stopped and removed.
    private static let watch = """
        programs=$1 directory=$2 port=$3
        shift 3
        "$@" "$programs/initdb" -D "$directory/data" -U postgres -A trust --no-sync -E UTF8 --locale=C.UTF-8 \\
            >"$directory/server.log" 2>&1
        last=
        while read -r order; do
            "$@" "$programs/postgres" -D "$directory/data" -k "$directory" -p "$port" -c listen_addresses=127.0.0.1 \\
                -c shared_buffers=128MB -c max_wal_size=2GB -c log_min_messages=fatal \\
                </dev/null >>"$directory/server.log" 2>&1 &
            last=$!
        done
        # Again and again: one that has only just been started does not listen yet.
        while [ -n "$last" ] && kill -QUIT "$last" 2>/dev/null; do sleep 0.1; done
        rm -rf "$directory"
        """

    private func order(_ word: String) throws {
        let line = Array("\(word)\n".utf8)
        guard write(orders, line, line.count) == line.count else {
            throw TestFailure("the server's shell is gone: \(log)")
        }
    }

    private func processID() throws -> Int32 {
        guard let file = fopen("\(directory)/data/postmaster.pid", "re") else { throw TestFailure("no postmaster.pid") }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, 64, file) != nil else { throw TestFailure("postmaster.pid is empty") }
        return Int32(atoi(line))
    }

    private func waitUntilReady(seconds: Int64 = 60) throws {
        let deadline = Threads.nowNanos() + seconds * 1_000_000_000
        while true {
            do {
                _ = try PostgresConnection(address())
                return
            } catch {
                guard Threads.nowNanos() < deadline else { throw TestFailure("no server: \(error)\n\(log)") }
                Threads.sleep(millis: 20)
            }
        }
    }

    private static func makeDirectory() throws -> String {
        // Short, because the name of a socket may have 107 bytes.
        var template = Array("/tmp/parley-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("cannot make a directory in /tmp: errno \(errno)") }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if geteuid() == 0, let user = getpwnam("postgres") {
            guard chown(path, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
                throw TestFailure("cannot give \(path) to postgres: errno \(errno)")
            }
        }
        return path
    }

    private static func freePort() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
            }
        }
        guard code == 0 else { throw TestFailure("no free port: errno \(errno)") }
        return Int32(UInt16(bigEndian: address.sin_port))
    }

    private static func spawn(_ words: [String], input: Int32) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        // Not the test's own terminal or pipe: who reads that would wait for the server's end.
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        // A group of its own: a Ctrl-C at the terminal is for the tests, whose end the shell sees.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        var child = pid_t()
        let code = posix_spawn(&child, words[0], &actions, &attributes, &arguments, environ)
        guard code == 0 else { throw TestFailure("cannot start \(words[0]): errno \(code)") }
    }
}
