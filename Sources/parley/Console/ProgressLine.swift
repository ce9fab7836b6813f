import Glibc

/// Progress on standard error, twice a second: on a terminal one line that is written over, else a line each.
struct ProgressLine {
    private static let intervalNanos: Int64 = 500_000_000

    private let isShown: Bool
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let started = Self.nowNanos()
    private var last: Int64 = 0
    private var isOpen = false

    init(isShown: Bool) { self.isShown = isShown }

    /// Since the start.
    var seconds: Double { Double(Self.nowNanos() - started) / 1e9 }

    /// Shows how far it is, when it is time to.
    /// - Parameters:
    ///   - done: of `total`, in any unit; without a total no time left is shown.
    mutating func show(_ work: String, count: Int, _ unit: String, done: Int, total: Int?) {
        let now = Self.nowNanos()
        guard isShown, now - last >= Self.intervalNanos else { return }
        last = now
        var text = "\(work): \(count) \(unit), \(Int(Double(count) / max(seconds, 0.001)))/s"
        if let total, done > 0, done <= total {
            let left = seconds * Double(total - done) / Double(done)
            text += ", \(done * 100 / max(total, 1)) %, \(Int(left.rounded(.up))) s left"
        }
        write(text)
    }

    /// Ends the line on a terminal, so that what follows begins a new one.
    mutating func end() {
        if isOpen { Console.note("") }
        isOpen = false
    }

    private mutating func write(_ text: String) {
        guard isTerminal else { return Console.note(text) }
        Console.write("\r\(text)\u{1b}[K")
        isOpen = true
    }

    private static func nowNanos() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
