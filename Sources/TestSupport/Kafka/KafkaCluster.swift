import Glibc

/// A real Apache Kafka of the tests' own, in a temporary directory, run by the script `kafka` of `KAFKA_HOME`.
///
/// It ends with the object, at the latest with the process.
///
/// Threads: any; commands for one broker in turn.
public final class KafkaCluster: @unchecked Sendable {
    /// `HOST:PORT,...`
    public let bootstrap: String
    /// What the script keeps: `tls/ca.crt`, `admin.properties`, the brokers' logs.
    public let directory: String
    private let script: String
    private let place: ScratchDirectory
    private let guardian: Guardian
    /// What clients of a cluster behind a proxy go through.
    public let proxy: TCPProxy?

    /// Whether brokers can be started here.
    public static var isAvailable: Bool { script != nil }

    private static var script: String? {
        guard let home = getenv("KAFKA_HOME").map({ String(cString: $0) }), access("\(home)/kafka", X_OK) == 0 else {
            return nil
        }
        return "\(home)/kafka"
    }

    /// Starts brokers on ports that are free.
    /// - Parameters:
    ///   - options: more of the script's, such as `--sasl`.
    ///   - isBehindProxy: of one broker: clients are told the address of ``proxy``.
    /// - Throws: `TestFailure`.
    public init(brokers: Int = 1, options: [String] = [], isBehindProxy: Bool = false) throws {
        guard let script = Self.script else { throw TestFailure("no KAFKA_HOME with a script `kafka`") }
        self.script = script
        place = try ScratchDirectory()
        directory = place.path + "/kafka"
        guardian = try Guardian(script: script, directory: directory)
        let port = try FreePorts.firstOf(count: brokers)
        var options = options
        if isBehindProxy {
            let front = try FreePorts.firstOf(count: 1)
            proxy = try TCPProxy(port: front, target: port)
            let listeners = "CLIENT://127.0.0.1:\(front),INTERNAL://127.0.0.1:\(port + 200)"
            options += ["--set", "advertised.listeners=\(listeners)"]
        } else {
            proxy = nil
        }
        let output = try SystemCommand.mustRun(
            [
                script, "start", "--dir", directory, "--brokers", String(brokers), "--port", String(port), "--heap",
                "320m",
            ]
                + options)
        guard let last = output.split(separator: "\n").last else { throw TestFailure("the brokers name no address") }
        bootstrap = String(last)
    }

    deinit { stop() }

    /// Ends every broker.
    public func stop() {
        proxy?.close()
        guardian.stop()
    }

    /// Runs a command of the script for one broker: `kill`, `restart`, `pause`, `resume`.
    /// - Parameter broker: counted from 1.
    public func tell(_ command: String, _ broker: Int) throws {
        try SystemCommand.mustRun([script, command, String(broker), "--dir", directory])
    }

    /// Runs one of Kafka's own tools on this cluster.
    @discardableResult
    public func tool(_ name: String, _ arguments: [String]) throws -> String {
        try SystemCommand.mustRun([script, "tool", name, "--bootstrap-server", bootstrap] + arguments)
    }

    /// Runs one of Kafka's own tools as the administrator of a cluster with logins.
    @discardableResult
    public func adminTool(_ name: String, _ arguments: [String]) throws -> String {
        try tool(name, ["--command-config", "\(directory)/admin.properties"] + arguments)
    }
}

/// A process that stops the brokers when this one has ended, however it ended.
private final class Guardian: @unchecked Sendable {
    private var child = pid_t()
    private var input: Int32 = -1
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)

    init(script: String, directory: String) throws {
        pthread_mutex_init(lock, nil)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw TestFailure("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        // The pipe closes when the tests end or say so; killed tests close it too.
        let program = """
            trap '' INT TERM HUP
            read -r _ || true
            for broker in 1 2 3 4 5; do "$1" kill "$broker" --dir "$2" || true; done
            if [ "$(dirname "$2")" != / ]; then rm -rf "$(dirname "$2")"; fi
            """
        let words = ["bash", "-c", program, "guardian", script, directory]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        let code = posix_spawnp(&child, "bash", &actions, nil, &arguments, environ)
        guard code == 0 else { throw TestFailure("cannot start bash: errno \(code)") }
        input = ends[1]
    }

    func stop() {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        guard input >= 0 else { return }
        _ = write(input, "\n", 1)
        close(input)
        input = -1
        var word: Int32 = 0
        while waitpid(child, &word, 0) < 0 && errno == EINTR {}
    }

    deinit {
        stop()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }
}

/// Ports of this machine that nobody listens on.
enum FreePorts {
    /// The first port of a run of brokers: the script takes `count` ports there, 100 and 200 above.
    static func firstOf(count: Int) throws -> Int {
        for _ in 0..<200 {
            let first = Int.random(in: 20_000...31_000)
            let wanted = [0, 100, 200].flatMap { base in (0..<count).map { first + base + $0 } }
            if wanted.allSatisfy(isFree) { return first }
        }
        throw TestFailure("no free ports from 20,000 to 31,000")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return Loopback.withAddress(port) { bind(descriptor, $0, $1) } == 0
    }
}
