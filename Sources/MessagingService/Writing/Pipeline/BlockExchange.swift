import EventLog

/// Where the threads of a pipeline meet: blocks go in as they are read, results come out in the same order.
///
/// Bounded: whoever submits waits while `capacity` blocks are between `submit` and `nextResults`.
final class BlockExchange<Output: Sendable>: @unchecked Sendable {
    private let monitor = Monitor()
    private let capacity: Int
    // All below only under the monitor's lock.
    private var waiting: [LineBlock] = []
    private var finished: [Int: Result<Output, any Error>] = [:]
    private var submitted = 0
    private var delivered = 0
    private var inputEnd: Result<Void, any Error>?
    private var isCancelled = false

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// Hands in the next block; blocks come in the order of their numbers.
    /// - Returns: `false` when nobody wants it any more.
    func submit(_ block: LineBlock) -> Bool {
        monitor.withLock {
            while submitted - delivered >= capacity && !isCancelled { monitor.wait() }
            guard !isCancelled else { return false }
            waiting.append(block)
            submitted += 1
            monitor.wakeAll()
            return true
        }
    }

    /// Says that no block follows, or why none can.
    func endInput(_ result: Result<Void, any Error>) {
        monitor.withLock {
            inputEnd = result
            monitor.wakeAll()
        }
    }

    /// The next block to work on; `nil` when there will be none.
    func takeBlock() -> LineBlock? {
        monitor.withLock {
            while waiting.isEmpty && inputEnd == nil && !isCancelled { monitor.wait() }
            return isCancelled || waiting.isEmpty ? nil : waiting.removeFirst()
        }
    }

    func finish(_ number: Int, _ result: Result<Output, any Error>) {
        monitor.withLock {
            finished[number] = result
            monitor.wakeAll()
        }
    }

    /// What became of the next blocks that are finished, in order; empty when all are delivered and the input has ended.
    /// - Parameter isEnough: whether these results are all that is wanted now.
    /// - Throws: what the work on the first of them threw, and at the end what ended the input.
    func nextResults(isEnough: ([Output]) -> Bool) throws -> [Output] {
        try monitor.withLock {
            while finished[delivered] == nil {
                if let inputEnd, delivered == submitted {
                    try inputEnd.get()
                    return []
                }
                monitor.wait()
            }
            var results = [try take().get()]
            // One that failed waits until those before it are done with.
            while !isEnough(results), case .success = finished[delivered] { results.append(try take().get()) }
            monitor.wakeAll()
            return results
        }
    }

    /// - Precondition: the next block is finished.
    private func take() -> Result<Output, any Error> {
        guard let result = finished.removeValue(forKey: delivered) else { preconditionFailure("it is finished") }
        delivered += 1
        return result
    }

    /// Wakes everybody and lets them end.
    func cancel() {
        monitor.withLock {
            isCancelled = true
            monitor.wakeAll()
        }
    }
}
