import Synchronization

/// Numbers, each once.
public final class SerialNumbers: Sendable {
    private let last = Atomic<Int>(0)

    public init() {}

    public func next() -> Int { last.add(1, ordering: .relaxed).newValue }
}
