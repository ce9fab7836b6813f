import CSQLite
import Glibc

/// How a connection waits for another one's lock: sleeps that grow from 50 microseconds to 5 milliseconds, up to a limit.
///
/// SQLite's own handler sleeps 1 to 100 milliseconds, which is long against a commit of a millisecond, and builds without
/// `usleep` sleep a whole second.
final class BusyBackoff {
    private let timeoutNanos: Int64
    private var started: Int64 = 0

    init(timeoutMillis: Int) { timeoutNanos = Int64(timeoutMillis) * 1_000_000 }

    /// The handler borrows this object: its owner must outlive the connection.
    func install(on database: OpaquePointer) {
        let handler: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, attempt in
            guard let context else { return 0 }
            return Unmanaged<BusyBackoff>.fromOpaque(context).takeUnretainedValue().waits(attempt: attempt) ? 1 : 0
        }
        sqlite3_busy_handler(database, handler, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Sleeps before the next attempt.
    /// - Parameter attempt: 0 for the first wait for a lock.
    /// - Returns: `false` when time is up.
    func waits(attempt: Int32) -> Bool {
        let now = BusyBackoff.monotonicNanos()
        if attempt == 0 { started = now }
        guard now - started < timeoutNanos else { return false }
        let step = min(Int64(50_000) << Int64(min(attempt, 7)), 5_000_000)
        // Half fixed, half random: two waiters do not march in step.
        let pause = step / 2 + Int64.random(in: 0...step / 2)
        var request = timespec(tv_sec: 0, tv_nsec: Int(min(pause, max(timeoutNanos - (now - started), 1))))
        nanosleep(&request, nil)
        return true
    }

    static func monotonicNanos() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
