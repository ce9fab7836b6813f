import EventLog
import Synchronization

/// Where threads leave their results.
private final class ResultPlaces<Value>: Sendable {
    let places = Mutex<[Int: Handed<Result<Value, any Error>>]>([:])
}

/// Runs `body` with each number below `count`, on as many threads as there are processors for them, and waits for all.
///
/// Beside live work more would be in its way. On one processor even what waits for a server is done one after another.
/// - Returns: the results, by number.
/// - Throws: what the first of them threw.
func inParallel<Value>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
    let results = ResultPlaces<Value>()
    let next = NextNumber()
    let threads = (0..<min(count, StandingBack.processors)).map { _ in
        BackgroundThread {
            while let index = next.take(below: count) {
                let handed = Handed(Result { try body(index) })
                results.places.withLock { $0[index] = handed }
            }
        }
    }
    for thread in threads { thread.join() }
    let done = results.places.withLock { Handed($0) }.value
    return try (0..<count).map { try done[$0]!.value.get() }
}

/// Gives each number once. Threads: any.
private final class NextNumber: Sendable {
    private let value = Atomic<Int>(0)

    func take(below bound: Int) -> Int? {
        let taken = value.wrappingAdd(1, ordering: .relaxed).oldValue
        return taken < bound ? taken : nil
    }
}
