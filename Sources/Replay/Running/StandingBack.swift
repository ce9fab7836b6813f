import CLinux
import Glibc

/// Leaves a machine to whoever is live on it while a view is rebuilt.
///
/// The lowest priority alone is not enough: a fair scheduler lets whoever runs come to the end of its turn, some milliseconds,
/// before a live thread that sleeps often and briefly gets its processor back. So turns are short, and one processor is left.
public enum StandingBack {
    private static let turnNanos: UInt64 = 100_000

    /// Gives the calling thread, and those it starts from now on, the lowest priority and short turns.
    public static func lowerPriority() {
        // A system that forbids that call knows this one.
        if parley_set_lowest_priority(turnNanos) != 0 { _ = nice(19) }
    }

    /// Keeps the calling thread, and those it starts from now on, off one of the processors that they may use; on a machine
    /// that has but one, nothing changes.
    /// - Returns: how many processors remain.
    @discardableResult
    public static func leaveOneProcessor() -> Int {
        var words = [UInt64](repeating: 0, count: 128)
        let bytes = words.count * MemoryLayout<UInt64>.size
        let isFound = parley_get_processors(&words, bytes) == 0
        let count = words.reduce(0) { $0 + $1.nonzeroBitCount }
        // The first one, which serves most interrupts, is left.
        guard isFound, count > 1, let word = words.firstIndex(where: { $0 != 0 }) else { return max(1, count) }
        words[word] &= words[word] - 1
        return parley_set_processors(words, bytes) == 0 ? count - 1 : count
    }
}
