import Glibc

/// A mutex with one condition: what blocking code waits on. Times are monotonic.
package final class Monitor: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        mutex = .allocate(capacity: 1)
        condition = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        precondition(pthread_mutex_init(mutex, nil) == 0 && pthread_cond_init(condition, &attributes) == 0)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func lock() { pthread_mutex_lock(mutex) }
    package func unlock() { pthread_mutex_unlock(mutex) }

    package func withLock<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock()
        defer { unlock() }
        return try body()
    }

    /// Gives up the lock, sleeps until woken, and takes it again; may wake without reason.
    package func wait() { pthread_cond_wait(condition, mutex) }

    /// As ``wait()``, but at most until a time of ``nowNanos()``.
    package func wait(untilNanos deadline: Int64) {
        var time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &time)
    }

    package func wakeAll() { pthread_cond_broadcast(condition) }
    package func wakeOne() { pthread_cond_signal(condition) }

    /// Nanoseconds of the monotonic clock.
    package static func nowNanos() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// The monotonic time after so many milliseconds, without overflow.
    package static func deadline(afterMillis millis: Int) -> Int64 {
        let (nanos, overflowed) = Int64(max(0, millis)).multipliedReportingOverflow(by: 1_000_000)
        let (sum, carried) = nowNanos().addingReportingOverflow(overflowed ? .max : nanos)
        return carried ? .max : sum
    }
}
