import Glibc
import Simulation
import TestSupport
import Testing

/// How often the property tests try: many times more with PARLEY_TORTURE=1, exactly one seed with PARLEY_SEED.
enum Rounds {
    static let isTorture = getenv("PARLEY_TORTURE") != nil

    /// Runs `body` with one seed after another and says which one it failed with.
    /// - Parameter first: where the seeds of this test begin, so that tests do not all try the same histories.
    static func run(_ count: Int, first: UInt64, _ body: (UInt64) throws -> Void) throws {
        if let text = getenv("PARLEY_SEED").map({ String(cString: $0) }), let seed = UInt64(text) {
            return try body(seed)
        }
        var failures = 0
        for seed in first..<first + UInt64(isTorture ? count * 40 : count) where failures < 3 {
            do { try body(seed) } catch {
                failures += 1
                Issue.record("PARLEY_SEED=\(seed): \(error)")
            }
        }
    }
}
