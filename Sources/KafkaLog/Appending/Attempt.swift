import CRDKafka
import EventLog
import Glibc

/// Keys and values of a batch where they are, so that librdkafka may point into them as long as it likes.
///
/// An array's elements stay in their place while a reference to it is kept: whoever changes another copy of the array gets a
/// place of its own first. So nothing is copied.
final class RecordBytes: @unchecked Sendable {
    private let bytes: [UInt8]
    let base: UnsafeMutableRawPointer

    init(_ batch: AppendBatch) {
        // An empty array has no place; a record of nothing must have one.
        bytes = batch.bytes.isEmpty ? [0] : batch.bytes
        base = bytes.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress!) }
    }
}

/// Some records of a batch, given to one producer, and what became of each.
///
/// Threads: the appender makes, sends and waits; the session's thread resolves.
final class Attempt: @unchecked Sendable {
    /// What became of one record. Its address is what librdkafka gives back with the delivery report.
    struct Slot {
        var attempt: Unmanaged<Attempt>
        /// Of the batch's entry.
        var index: Int
        var offset: Int64 = -1
        var appendTime: Int64 = 0
        var error = RD_KAFKA_RESP_ERR__IN_PROGRESS
        /// Whether it may be in the log.
        var isPossible = false

        var isAcknowledged: Bool { error == RD_KAFKA_RESP_ERR_NO_ERROR && offset >= 0 }
    }

    let bytes: RecordBytes
    let slots: UnsafeMutableBufferPointer<Slot>
    private let monitor = Monitor()
    /// Under the monitor: how many records have no answer yet.
    private var open: Int

    /// - Parameter indices: which entries of the batch.
    init(_ bytes: RecordBytes, indices: [Int]) {
        self.bytes = bytes
        slots = .allocate(capacity: indices.count)
        open = indices.count
        let me = Unmanaged.passUnretained(self)
        for (place, index) in indices.enumerated() {
            slots.initializeElement(at: place, to: Slot(attempt: me, index: index))
        }
    }

    deinit { slots.deallocate() }

    /// Notes that so many records have their answers; their slots are written before.
    /// - Returns: whether all have.
    func resolve(_ count: Int) -> Bool {
        monitor.withLock {
            open -= count
            if open == 0 { monitor.wakeAll() }
            return open == 0
        }
    }

    /// Waits until every record has an answer.
    /// - Returns: `false` when time is up before.
    func wait(untilNanos deadline: Int64) -> Bool {
        monitor.withLock {
            while open > 0 {
                if Monitor.nowNanos() >= deadline { return false }
                monitor.wait(untilNanos: deadline)
            }
            return true
        }
    }
}
