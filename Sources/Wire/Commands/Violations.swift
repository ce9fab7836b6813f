import Messaging

/// What is wrong with a line: all of it is looked for, the code that comes first is kept, with its first place.
struct Violations {
    private(set) var worst: Refusal?

    /// The reason is built only when it is kept.
    @inline(__always)
    mutating func note(_ code: Refusal.Code, _ reason: @autoclosure () -> String) {
        if let worst, worst.code <= code { return }
        worst = Refusal(code, reason())
    }
}
