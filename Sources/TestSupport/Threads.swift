import Glibc

/// Runs blocking work on threads of its own.
public enum Threads {
    fileprivate final class Job: @unchecked Sendable {
        let body: @Sendable () throws -> Void
        var failure: (any Error)?

        init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

        func run() { do { try body() } catch { failure = error } }
    }

    /// Runs `body` once per index, all at the same time, and waits for all.
    /// - Throws: the error of the lowest index that threw one.
    public static func run(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Void) throws {
        let running = (0..<count).map { index in start { try body(index) } }
        var first: (any Error)?
        for one in running {
            do { try one.join() } catch { first = first ?? error }
        }
        if let first { throw first }
    }

    /// Starts a thread; it must be joined.
    public static func start(_ body: @escaping @Sendable () throws -> Void) -> Running {
        let job = Job(body)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Job>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(job).toOpaque())
        precondition(code == 0, "the system gives no thread: \(code)")
        return Running(thread: thread, job: job)
    }

    /// A thread under way.
    public struct Running: @unchecked Sendable {
        fileprivate let thread: pthread_t
        fileprivate let job: Job

        /// Waits for the end.
        /// - Throws: what the thread's work threw.
        public func join() throws {
            pthread_join(thread, nil)
            if let failure = job.failure { throw failure }
        }
    }

    /// Lets time pass.
    public static func sleep(millis: Int) { usleep(UInt32(millis) * 1_000) }

    /// Nanoseconds of the monotonic clock.
    public static func nowNanos() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
