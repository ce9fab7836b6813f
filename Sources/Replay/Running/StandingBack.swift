import CLinux
import Glibc
import SQLite

/// Leaves a machine to whoever is live on it while a view is rebuilt.
///
/// The lowest priority alone is not enough: a fair scheduler (EEVDF, as Linux has it) protects whoever runs until the end of its
/// turn, or until the next tick, 4 ms with 250 Hz, before a live thread that sleeps often and briefly gets its processor back. It
/// does not protect one from a thread that asks for a shorter turn (`PREEMPT_SHORT`, since 6.12). So turns are the longest there
/// are, one processor is left, and on the others ``SchedulerPulse`` has the choice made again.
public enum StandingBack {
    /// Linux takes 0.1 to 100 ms.
    private static let turnNanos: UInt64 = 100_000_000
    private static let lowest: Int32 = 19

    /// Gives the calling thread, and those it starts from now on, the lowest priority and turns that anybody may interrupt.
    public static func lowerPriority() {
        // A system that forbids that call knows this one.
        if parley_set_priority(lowest, turnNanos) != 0 { _ = nice(lowest) }
    }

    /// How many processors the calling thread, and those it starts from now on, may use; at least 1.
    static var processors: Int { max(1, processorNumbers.count) }

    /// The numbers of those processors; empty when the system does not tell.
    static var processorNumbers: [Int] {
        guard let words = allowed() else { return [] }
        return (0..<words.count * 64).filter { words[$0 / 64] >> ($0 % 64) & 1 == 1 }
    }

    /// Keeps the calling thread on one processor.
    /// - Returns: whether the system allows it.
    static func stay(on processor: Int) -> Bool {
        var words = [UInt64](repeating: 0, count: processor / 64 + 1)
        words[processor / 64] = 1 << (processor % 64)
        return parley_set_processors(words, words.count * MemoryLayout<UInt64>.size) == 0
    }

    /// Keeps the calling thread, and those it starts from now on, off one of the processors that they may use; on a machine
    /// that has but one, nothing changes.
    /// - Returns: how many processors remain.
    @discardableResult
    public static func leaveOneProcessor() -> Int {
        // The first one, which serves most interrupts, is left.
        if processors > 1, var words = allowed(), let word = words.firstIndex(where: { $0 != 0 }) {
            words[word] &= words[word] - 1
            // Where that is forbidden the low priority has to do.
            _ = parley_set_processors(words, words.count * MemoryLayout<UInt64>.size)
        }
        return processors
    }

    /// Has this process read databases in a way that others' commits hardly wait for. Call it while no other thread reads any.
    public static func shareDisk() {
        // Where SQLite lets nobody change that it reads as ever.
        SmallReads.begin()
    }

    /// A bit each; `nil` when the system does not tell.
    private static func allowed() -> [UInt64]? {
        var words = [UInt64](repeating: 0, count: 128)
        let bytes = words.count * MemoryLayout<UInt64>.size
        return parley_get_processors(&words, bytes) == 0 ? words : nil
    }
}
