import EventLog

/// Where the threads of a pipeline meet: blocks go in as they are read, results come out in the same order.
///
/// Bounded: whoever submits waits while `capacity` blocks are between `submit` and `nextResult`.
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

    /// What became of the next block, in order; `nil` when all are delivered and the input has ended.
    /// - Throws: what the work on the block threw, and at the end what ended the input.
    func nextResult() throws -> Output? {
        try monitor.withLock {
            while true {
                if let result = finished.removeValue(forKey: delivered) {
                    delivered += 1
                    monitor.wakeAll()
                    return try result.get()
                }
                if let inputEnd, delivered == submitted {
                    try inputEnd.get()
                    return nil
                }
                monitor.wait()
            }
        }
    }

    /// Wakes everybody and lets them end.
    func cancel() {
        monitor.withLock {
            isCancelled = true
            monitor.wakeAll()
        }
    }
}
