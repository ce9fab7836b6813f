import EventLog
import Synchronization

/// Where threads leave their results.
private final class ResultPlaces<Value>: Sendable {
    let places = Mutex<[Int: Handed<Result<Value, any Error>>]>([:])
}

/// Runs `body` with each number below `count`, on as many threads as there are processors for them, and waits for all.
///
/// Beside live work more would be in its way. On one processor even what waits for a server is done one after another.
/// - Parameter threads: no more than these.
/// - Returns: the results, by number.
/// - Throws: what the first of them threw, by number; once one has, no more are begun.
func inParallel<Value>(
    _ count: Int, threads: Int = .max, _ body: @escaping @Sendable (Int) throws -> Value
) throws -> [Value] {
    let results = ResultPlaces<Value>()
    let next = NextNumber()
    let started = (0..<min(count, threads, StandingBack.processors)).map { _ in
        BackgroundThread {
            while let index = next.take(below: count) {
                let handed = Handed(Result { try body(index) })
                results.places.withLock { $0[index] = handed }
                if case .failure = handed.value { next.stop() }
            }
        }
    }
    for thread in started { thread.join() }
    let done = results.places.withLock { Handed($0) }.value
    // Numbers are taken in their order: those without a result come after one that failed.
    return try (0..<count).map { try done[$0]!.value.get() }
}

/// Gives each number once. Threads: any.
private final class NextNumber: Sendable {
    private let value = Atomic<Int>(0)

    func take(below bound: Int) -> Int? {
        let taken = value.wrappingAdd(1, ordering: .relaxed).oldValue
        return taken < bound ? taken : nil
    }

    /// No more are given.
    func stop() { value.store(Int.max / 2, ordering: .relaxed) }
}
