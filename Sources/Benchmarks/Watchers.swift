import Deployment
import EventLog
import Glibc
import PersonalMetadata
import Projection
import SharedContent
import ViewStorage

/// Waits until both views have applied a record, by looking at their positions.
struct Watchers {
    private static let patienceSeconds = 10.0
    private let views: [ViewDatabase]

    /// Waits for the views to be made.
    init(_ settings: DeploymentSettings) throws {
        let watch = Stopwatch()
        while true {
            do {
                views = [
                    try ViewDatabase(
                        settings.data.sharedView, definition: SharedContentSchema.definition, access: .read),
                    try ViewDatabase(
                        settings.data.personalView, definition: PersonalMetadataSchema.definition, access: .read),
                ]
                return
            } catch let error as ProjectionError {
                guard watch.seconds < Self.patienceSeconds else { throw error }
                usleep(20_000)
            }
        }
    }

    /// Waits until both views are at the end of what they are built from.
    func wait(for ends: [TopicPartition: Int64], patienceSeconds: Double) throws {
        let watch = Stopwatch()
        for view in views {
            let wanted = ends.filter { view.definition.projection.topics.contains($0.key.topic) && $0.value > 0 }
            while case let found = try view.positions(), wanted.contains(where: { found[$0.key] ?? 0 < $0.value }) {
                guard watch.seconds < patienceSeconds else {
                    throw BenchmarkError("the views did not come to the end of the log within \(patienceSeconds) s")
                }
                usleep(50_000)
            }
        }
    }

    func wait(for position: Position) throws {
        let watch = Stopwatch()
        for view in views {
            while try view.positions()[position.partition] ?? 0 <= position.offset {
                guard watch.seconds < Self.patienceSeconds else {
                    throw BenchmarkError("\(position) was not projected within \(Self.patienceSeconds) s")
                }
                usleep(50)
            }
        }
    }
}

/// A process started for a benchmark.
struct NodeProcess {
    private let pid: pid_t

    /// What it prints is no figure: nobody sees it.
    /// - Throws: `BenchmarkError` when it cannot be started.
    init(_ executable: String, _ arguments: [String]) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var child = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        words.append(nil)
        let code = posix_spawn(&child, executable, &actions, nil, words, environ)
        guard code == 0 else { throw BenchmarkError("\(executable) cannot be started: error \(code)") }
        pid = child
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
