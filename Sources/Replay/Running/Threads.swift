import EventLog
import Synchronization

/// Where threads leave their results.
private final class ResultPlaces<Value>: Sendable {
    let places = Mutex<[Int: Handed<Result<Value, any Error>>]>([:])
}

/// Runs `body` with each number below `count`, each on a thread of its own, and waits for all.
/// - Returns: the results, by number.
/// - Throws: what the first of them threw.
func inParallel<Value>(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
    let results = ResultPlaces<Value>()
    let threads = (0..<count).map { index in
        BackgroundThread {
            let handed = Handed(Result { try body(index) })
            results.places.withLock { $0[index] = handed }
        }
    }
    for thread in threads { thread.join() }
    let done = results.places.withLock { Handed($0) }.value
    return try (0..<count).map { try done[$0]!.value.get() }
}
