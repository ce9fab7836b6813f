import EventLog
import Glibc

/// A thread that sleeps until a file is written, then calls back.
final class FileWatcher: @unchecked Sendable {
    private let notifications: Int32
    /// The reading end of a pipe wakes the thread when ``stop()`` writes to the other.
    private var stopping: [Int32] = [-1, -1]
    private let onChange: @Sendable () -> Void
    private var thread = pthread_t()

    /// - Throws: `LogError` when the system has no watch left.
    init(_ path: String, onChange: @escaping @Sendable () -> Void) throws {
        self.onChange = onChange
        notifications = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        let watch = inotify_add_watch(notifications, path, UInt32(IN_MODIFY))
        guard watch >= 0 && pipe(&stopping) == 0 else {
            let number = errno
            closeDescriptors()
            throw FileWatcher.unavailable(path, number)
        }
        for descriptor in stopping { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        try start(path)
    }

    private func start(_ path: String) throws {
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<FileWatcher>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else {
            Unmanaged.passUnretained(self).release()
            closeDescriptors()
            throw FileWatcher.unavailable(path, code)
        }
    }

    private static func unavailable(_ path: String, _ number: Int32) -> LogError {
        LogError(
            .inputOutput,
            "cannot watch \(path): \(String(cString: strerror(number))); raise fs.inotify.max_user_instances or the limit of "
                + "open files")
    }

    private func run() {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
            while true {
                var waiting = [
                    pollfd(fd: notifications, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: stopping[0], events: Int16(POLLIN), revents: 0),
                ]
                let count = poll(&waiting, 2, -1)
                if count < 0 && errno == EINTR { continue }
                if waiting[1].revents != 0 { return }
                // What changed does not matter, only that something did.
                while Glibc.read(notifications, buffer.baseAddress, buffer.count) > 0 {}
                onChange()
            }
        }
    }

    /// Ends the thread and waits for its end. Must be called once, and not from the callback.
    func stop() {
        var byte: UInt8 = 0
        _ = Glibc.write(stopping[1], &byte, 1)
        pthread_join(thread, nil)
        closeDescriptors()
    }

    private func closeDescriptors() {
        for descriptor in stopping + [notifications] where descriptor >= 0 { Glibc.close(descriptor) }
    }
}
