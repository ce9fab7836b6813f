import Glibc

/// Measures elapsed time by the monotonic clock.
struct Stopwatch {
    private let started = Stopwatch.now()

    var seconds: Double { Double(Stopwatch.now() - started) / 1e9 }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// Runs `body` once per index, each on a thread of its own, and waits for all.
/// - Throws: the error of one of them, if any threw.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
    let jobs = (0..<count).map { index in ThreadJob { try body(index) } }
    let threads = jobs.map { job in
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<ThreadJob>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(job).toOpaque())
        precondition(code == 0, "the system gives no thread: error \(code)")
        return thread
    }
    for thread in threads { pthread_join(thread, nil) }
    for job in jobs { if let failure = job.failure { throw failure } }
}

private final class ThreadJob: @unchecked Sendable {
    private let body: @Sendable () throws -> Void
    private(set) var failure: (any Error)?

    init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

    func run() { do { try body() } catch { failure = error } }
}

/// A directory for one measurement, removed with the files in it.
func withScratchDirectory<Result>(in parent: String, _ body: (String) throws -> Result) throws -> Result {
    var template = Array("\(parent)/bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkError("cannot make \(parent)/bench-XXXXXX: errno \(errno)") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { removeFiles(path) }
    return try body(path)
}

/// Removes a directory with all that is in it.
private func removeFiles(_ directory: String) {
    guard let stream = opendir(directory) else { return }
    while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let path = "\(directory)/\(name)"
        if unlink(path) != 0 { removeFiles(path) }
    }
    closedir(stream)
    rmdir(directory)
}

/// Why a figure could not be measured.
public struct BenchmarkError: Error, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
