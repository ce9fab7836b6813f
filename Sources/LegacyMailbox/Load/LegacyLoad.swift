import EventLog
import Glibc
import SampleHistory
import Synchronization

/// A load of everything that people do in the legacy system, by many writers at once.
///
/// The choices of each writer come from the seed; how the writers interleave is the machine's.
public struct LegacyLoad: Sendable {
    /// Writers, each a thread with a connection of its own.
    public var writers: Int
    /// Threads to write in, chosen evenly.
    public var threads: Int
    /// When to end.
    public var seconds: Int
    /// Actions of all writers together after which to end; `nil` for no such end.
    public var actions: Int?
    public var seed: UInt64
    /// What the store's clock is ahead, or behind, of the machine's.
    public var skewMicros: Int64

    public init(writers: Int, threads: Int, seconds: Int, actions: Int?, seed: UInt64, skewMicros: Int64) {
        self.writers = writers
        self.threads = threads
        self.seconds = seconds
        self.actions = actions
        self.seed = seed
        self.skewMicros = skewMicros
    }

    /// What has been done.
    public struct Report: Hashable, Sendable {
        /// Actions by name, those that found nothing to change too.
        public var actions: [String: Int] = [:]
        /// Rows written, each with an outbox entry.
        public var writes = 0
        public var total: Int { actions.values.reduce(0, +) }
    }

    /// What the writers share, under one lock, which also makes them take turns fairly.
    struct Shared {
        var threads: [Int: ThreadState] = [:]
        var report = Report()
        var failure: (any Error)?
    }

    /// Runs until the time or the actions are over, or it is stopped.
    /// - Throws: `LegacyError`: the first failure of a writer, after all have ended.
    public func run(_ location: LegacyLocation, isStopped: @escaping @Sendable () -> Bool = { false }) throws -> Report
    {
        let shared = SharedLoad()
        let start = LogClock.system.nowMicros()
        let end = start + Int64(seconds) * 1_000_000
        var running: [pthread_t] = []
        for index in 0..<writers {
            let writer = LoadWriter(
                load: self, index: index, start: start, end: end, shared: shared, location: location)
            running.append(try Self.start { writer.run(isStopped: isStopped) })
        }
        for thread in running { pthread_join(thread, nil) }
        return try shared.state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.report
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) throws(LegacyError) -> pthread_t {
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Work(body)).toOpaque())
        guard code == 0 else {
            throw LegacyError(.inputOutput, "cannot start a thread: \(String(cString: strerror(code))): take fewer")
        }
        return thread
    }
}

/// What the writers of a load share.
final class SharedLoad: Sendable {
    let state = Mutex(LegacyLoad.Shared())
}

/// What a load knows of a thread, so that its actions find something.
struct ThreadState {
    var inside: [Int]
    var keys: [[UInt8]]
    /// How many of the newest messages are acted on.
    static let keysKept = 24

    mutating func sent(_ key: [UInt8]) {
        keys.append(key)
        if keys.count > Self.keysKept { keys.removeFirst() }
    }
}
