import EventLog
import Glibc

/// Threads that prepare slices; what they prepared is taken in the order in which it was given.
///
/// Threads: ``give(_:)`` and ``take()`` belong to one.
final class SliceWorkers {
    private struct Job: Sendable {
        var number: Int
        var runs: [LaneRun]
    }

    /// What the threads share; all of it under the monitor's lock.
    private final class Desk: @unchecked Sendable {
        let monitor = Monitor()
        var jobs: [Job] = []
        var finished: [Int: Result<PreparedSlice, any Error>] = [:]
        var isClosed = false

        /// The next job; `nil` when there will be none.
        func next() -> Job? {
            monitor.withLock {
                while jobs.isEmpty && !isClosed { monitor.wait() }
                return isClosed ? nil : jobs.removeFirst()
            }
        }

        func finish(_ number: Int, _ result: Result<PreparedSlice, any Error>) {
            monitor.withLock {
                finished[number] = result
                monitor.wakeAll()
            }
        }
    }

    /// Hands one preparation to one thread for good.
    private final class Worker: @unchecked Sendable {
        private let preparation: SlicePreparation
        private let desk: Desk

        init(_ preparation: SlicePreparation, _ desk: Desk) {
            self.preparation = preparation
            self.desk = desk
        }

        func run() {
            while let job = desk.next() {
                desk.finish(job.number, Result { try preparation.prepare(job.runs) })
            }
        }
    }

    private let desk = Desk()
    private var threads: [pthread_t] = []
    private var given = 0
    private var taken = 0

    /// - Precondition: the system has threads to give.
    init(_ preparations: [SlicePreparation]) {
        for preparation in preparations {
            var thread = pthread_t()
            let worker = Worker(preparation, desk)
            let failed = pthread_create(
                &thread, nil,
                { context in
                    if let context { Unmanaged<Worker>.fromOpaque(context).takeRetainedValue().run() }
                    return nil
                }, Unmanaged.passRetained(worker).toOpaque())
            precondition(failed == 0, "the system gives no thread (error \(failed)): raise the limit of threads")
            threads.append(thread)
        }
    }

    deinit {
        desk.monitor.withLock {
            desk.isClosed = true
            desk.monitor.wakeAll()
        }
        for thread in threads { pthread_join(thread, nil) }
    }

    var count: Int { threads.count }
    /// Slices given and not taken yet.
    var inHand: Int { given - taken }

    func give(_ runs: [LaneRun]) {
        desk.monitor.withLock {
            desk.jobs.append(Job(number: given, runs: runs))
            desk.monitor.wakeAll()
        }
        given += 1
    }

    /// Waits for the oldest slice that was given.
    /// - Throws: what its preparation threw.
    func take() throws -> PreparedSlice {
        precondition(inHand > 0, "nothing was given")
        defer { taken += 1 }
        return try desk.monitor.withLock {
            while true {
                if let result = desk.finished.removeValue(forKey: taken) { return try result.get() }
                desk.monitor.wait()
            }
        }
    }
}
