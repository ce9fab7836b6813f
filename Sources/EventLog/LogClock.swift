import Glibc
import Synchronization

/// Where a log takes its append times from: microseconds since 1970.
public struct LogClock: Sendable {
    private let read: @Sendable () -> Int64

    public init(_ read: @escaping @Sendable () -> Int64) { self.read = read }

    public func nowMicros() -> Int64 { read() }

    /// The machine's clock.
    public static let system = LogClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}

/// A clock that stands still until it is set: for tests and simulations.
public final class ManualClock: Sendable {
    private let micros: Atomic<Int64>

    public init(micros: Int64) { self.micros = Atomic(micros) }

    public func set(micros: Int64) { self.micros.store(micros, ordering: .sequentiallyConsistent) }

    public func advance(byMicros step: Int64) { micros.wrappingAdd(step, ordering: .sequentiallyConsistent) }

    /// This clock as a log takes it.
    public var clock: LogClock { LogClock { self.micros.load(ordering: .sequentiallyConsistent) } }
}
