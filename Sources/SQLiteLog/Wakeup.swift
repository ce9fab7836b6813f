import EventLog
import Glibc

/// Wakes the followers of a log in this process and in others.
///
/// An appender writes one byte to `log.wakeup` after its commit; every process that follows watches the file with inotify.
/// In this process followers are woken directly. The byte is a hint: whoever waits looks by himself every
/// ``safetyMillis`` too.
final class Wakeup: @unchecked Sendable {
    /// How often a waiting follower looks without being woken.
    static let safetyMillis = 250

    private let path: String
    private let descriptor: Int32
    private let monitor = Monitor()
    private var generation: UInt64 = 0
    private var isClosed = false
    private var watcher: FileWatcher?

    /// Makes the file when it is missing.
    init(_ path: String) throws {
        self.path = path
        descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw LogError(system: "open \(path)", errno) }
        var byte: UInt8 = 0x0a
        guard pwrite(descriptor, &byte, 1, 0) == 1 else {
            let number = errno
            Glibc.close(descriptor)
            throw LogError(system: "write \(path)", number)
        }
    }

    deinit { Glibc.close(descriptor) }

    /// Tells everybody that something was committed.
    func signal() {
        wakeThisProcess()
        var byte: UInt8 = 0x0a
        // When this fails (a full disk that copies on write) followers in other processes look within `safetyMillis`.
        _ = pwrite(descriptor, &byte, 1, 0)
    }

    private func wakeThisProcess() {
        monitor.withLock {
            generation &+= 1
            monitor.wakeAll()
        }
    }

    /// Starts to watch the file, once; a log that nobody follows needs no thread.
    func startWatching() throws {
        try monitor.withLock {
            guard watcher == nil && !isClosed else { return }
            watcher = try FileWatcher(path) { [weak self] in self?.wakeThisProcess() }
        }
    }

    /// What to give to ``wait(since:untilNanos:)``; take it before looking at the log.
    func current() -> UInt64 { monitor.withLock { generation } }

    /// Sleeps until there was a signal after `seen`, until the deadline, or for the safety interval.
    func wait(since seen: UInt64, untilNanos deadline: Int64) {
        let wake = min(deadline, Monitor.deadline(afterMillis: Wakeup.safetyMillis))
        monitor.withLock {
            while generation == seen && !isClosed && Monitor.nowNanos() < wake { monitor.wait(untilNanos: wake) }
        }
    }

    /// Wakes everybody for good and ends the watching.
    func close() {
        let watcher = monitor.withLock {
            isClosed = true
            monitor.wakeAll()
            defer { self.watcher = nil }
            return self.watcher
        }
        watcher?.stop()
    }
}
