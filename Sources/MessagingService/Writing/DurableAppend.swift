public import EventLog
import Glibc

/// Appends a batch, again when the log asks for it: the ids in it make a second copy harmless.
public struct DurableAppend {
    private static let attempts = 6
    private static let firstPauseMicros: UInt32 = 20_000

    private let log: any EventLog

    public init(log: any EventLog) { self.log = log }

    /// - Returns: one answer for each record, in the order of the batch.
    /// - Throws: `LogError`: one that is not to be tried again, or the last after about a second of trying.
    public func append(_ batch: AppendBatch) throws -> [Appended] {
        var pause = Self.firstPauseMicros
        for _ in 1..<Self.attempts {
            do {
                return try log.append(batch)
            } catch let error as LogError where error.isRetriable {
                usleep(pause)
                pause *= 2
            }
        }
        return try log.append(batch)
    }
}
