import EventLog
import Glibc

/// Reads a projector's next batch while the present one is written.
///
/// What was read for other positions, or could not be read, is thrown away: the projector then reads itself, and meets the
/// error if there still is one. Threads: those of its projector and, for each reading, one of its own.
final class ReadAhead {
    private let reader: BatchReader
    private var reading: Reading?

    init(_ reader: BatchReader) { self.reader = reader }

    deinit { cancel() }

    /// Begins to read what follows these positions; does nothing while a reading is under way.
    func start(_ positions: [TopicPartition: Int64], until bounds: [TopicPartition: Int64], maxRecords: Int) {
        guard reading == nil else { return }
        let reader = reader
        reading = Reading(positions, bounds) { try reader.next(positions, until: bounds, maxRecords: maxRecords) }
    }

    /// What was read for these positions and bounds, once it is there.
    func take(_ positions: [TopicPartition: Int64], until bounds: [TopicPartition: Int64]) -> ProjectionBatch? {
        guard let reading else { return nil }
        self.reading = nil
        let batch = reading.wait()
        return reading.positions == positions && reading.bounds == bounds ? batch : nil
    }

    /// Waits until nothing is under way and forgets it.
    func cancel() {
        _ = reading?.wait()
        reading = nil
    }
}

/// One batch being read on a thread of its own.
private final class Reading: @unchecked Sendable {
    let positions: [TopicPartition: Int64]
    let bounds: [TopicPartition: Int64]
    private let body: @Sendable () throws -> ProjectionBatch?
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var isDone = false
    private var batch: ProjectionBatch?

    init(
        _ positions: [TopicPartition: Int64], _ bounds: [TopicPartition: Int64],
        _ body: @escaping @Sendable () throws -> ProjectionBatch?
    ) {
        (self.positions, self.bounds, self.body) = (positions, bounds, body)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<Reading>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(code == 0, "the system gives no thread: error \(code)")
        pthread_detach(thread)
    }

    private func run() {
        let found = try? body()
        monitor.withLock {
            batch = found
            isDone = true
            monitor.wakeAll()
        }
    }

    func wait() -> ProjectionBatch? {
        monitor.withLock {
            while !isDone { monitor.wait() }
            return batch
        }
    }
}
