import EventLog

/// What appends may have under way, all together; who finds no room waits for it in turn.
final class Room: @unchecked Sendable {
    private let monitor = Monitor()
    private let maxRecords: Int
    private let maxBytes: Int
    // Below only under the monitor's lock.
    private var records = 0
    private var bytes = 0
    private var nextTicket = 0
    private var served = 0
    private var isClosed = false

    init(maxRecords: Int, maxBytes: Int) {
        self.maxRecords = maxRecords
        self.maxBytes = maxBytes
    }

    /// Takes room for a batch; one that is larger than all the room gets in alone.
    /// - Returns: `nil` when closed, `false` when time is up.
    func enter(_ batch: AppendBatch, untilNanos deadline: Int64) -> Bool? {
        monitor.withLock {
            if isClosed { return nil }
            let ticket = nextTicket
            nextTicket += 1
            var isInTime = true
            while ticket != served || (isInTime && !hasRoom(for: batch)) {
                isInTime = isInTime && Monitor.nowNanos() < deadline
                // Out of time, it still lets those behind it have their turn in order.
                isInTime ? monitor.wait(untilNanos: deadline) : monitor.wait()
            }
            served += 1
            if isInTime {
                records += batch.count
                bytes += batch.bytes.count
            }
            monitor.wakeAll()
            return isInTime
        }
    }

    func leave(_ batch: AppendBatch) {
        monitor.withLock {
            records -= batch.count
            bytes -= batch.bytes.count
            monitor.wakeAll()
        }
    }

    /// Lets nobody in any more and waits until all have left.
    func close() {
        monitor.withLock {
            isClosed = true
            while records > 0 || served < nextTicket { monitor.wait() }
        }
    }

    private func hasRoom(for batch: AppendBatch) -> Bool {
        records == 0 || (records + batch.count <= maxRecords && bytes + batch.bytes.count <= maxBytes)
    }
}
