import Glibc
import Synchronization

/// What one thread hands to another and does not touch until it has it back.
struct Handed<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// A thread that runs one closure, to be waited for.
final class SideThread {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private var thread = pthread_t()

    /// - Precondition: the system has a thread to give; without one nothing here can work.
    init(_ run: @escaping @Sendable () -> Void) {
        let failed = pthread_create(
            &thread, nil,
            { context in
                Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(Work(run)).toOpaque())
        precondition(failed == 0, "the system gives no thread (error \(failed)): raise the limit of threads")
    }

    /// Waits until the closure has returned. Called once.
    func join() { pthread_join(thread, nil) }
}

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
        SideThread {
            let handed = Handed(Result { try body(index) })
            results.places.withLock { $0[index] = handed }
        }
    }
    for thread in threads { thread.join() }
    let done = results.places.withLock { Handed($0) }.value
    return try (0..<count).map { try done[$0]!.value.get() }
}
