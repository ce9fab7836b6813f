import EventLog
import Glibc
import Projection

/// Holds a rebuild back: to a rate, and while the live view is behind.
///
/// Threads: one at a time; calls sleep.
final class ReplayPace {
    private static let lookEveryMicros: Int64 = 500_000

    private let log: any EventLog
    private let generations: any ViewGenerations
    private let options: ReplayOptions
    private let started = ContinuousClock.now
    private var looked: ContinuousClock.Instant?
    private var records: Int64 = 0
    /// Whether a projector owned a partition of the live view when that was last looked at; never, where nothing waits for it.
    private(set) var isBesideLive = false

    init(log: any EventLog, generations: any ViewGenerations, options: ReplayOptions) {
        self.log = log
        self.generations = generations
        self.options = options
    }

    /// Notes records that were done.
    func count(_ done: Int64) { records += done }

    /// Sleeps as long as needed.
    /// - Parameter waiting: told that it waits for the live view.
    func wait(shouldStop: () -> Bool, waiting: () -> Void) throws {
        while !shouldStop(), let rate = options.recordsPerSecond {
            let due = Double(records) / Double(rate) - (ContinuousClock.now - started).seconds
            guard due > 0 else { break }
            usleep(UInt32(min(due, 0.1) * 1e6))
        }
        while !shouldStop(), let bound = options.yieldAboveSeconds {
            if let looked, (ContinuousClock.now - looked).seconds * 1e6 < Double(Self.lookEveryMicros) { return }
            looked = ContinuousClock.now
            guard try lagSeconds() > bound else { return }
            waiting()
            usleep(UInt32(Self.lookEveryMicros))
            looked = nil
        }
    }

    /// Since when the first record that the live view has not applied has been in the log; only while a projector owns its
    /// partition: without one nothing would be gained by waiting.
    private func lagSeconds() throws -> Double {
        let owned = try generations.ownedPositions() ?? [:]
        isBesideLive = !owned.isEmpty
        let ends = try log.endOffsets()
        let now = LogClock.system.nowMicros()
        var lag: Int64 = 0
        for (partition, position) in owned where position < ends[partition] ?? 0 {
            let first = try log.read(partition, from: position, maxRecords: 1, maxBytes: 1)
            if let entry = first.entries.first { lag = max(lag, now - entry.appendTime) }
        }
        return Double(lag) / 1e6
    }
}

extension Duration {
    /// Seconds with their fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
