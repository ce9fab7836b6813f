import EventLog

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
        reading = Reading(
            positions: positions, bounds: bounds,
            work: BackgroundWork { try reader.next(positions, until: bounds, maxRecords: maxRecords) })
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

/// One batch being read.
private struct Reading {
    let positions: [TopicPartition: Int64]
    let bounds: [TopicPartition: Int64]
    let work: BackgroundWork<ProjectionBatch?>

    /// The batch; `nil` when there is none, or it could not be read.
    func wait() -> ProjectionBatch? { (try? work.wait()) ?? nil }
}
