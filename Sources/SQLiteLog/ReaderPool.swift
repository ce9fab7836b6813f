import EventLog

/// Keeps connections for reading: each is used by one caller at a time.
final class ReaderPool: @unchecked Sendable {
    private let file: LogFile
    private let logID: LogID
    private let name: String
    private let monitor = Monitor()
    private var free: [SegmentReader] = []
    private var isClosed = false

    init(_ file: LogFile, logID: LogID, name: String) {
        self.file = file
        self.logID = logID
        self.name = name
    }

    /// Lends a reader; after an error it is dropped, for its connection may be broken.
    func withReader<Result>(_ body: (SegmentReader) throws -> Result) throws -> Result {
        let known = try monitor.withLock {
            if isClosed { throw LogError.closed(name) }
            return free.popLast()
        }
        let reader = try known ?? SegmentReader(file, logID: logID)
        let result: Result
        do { result = try body(reader) } catch let error as LogError {
            if error.code == .offsetOutOfRange { giveBack(reader) }
            throw error
        }
        giveBack(reader)
        return result
    }

    private func giveBack(_ reader: SegmentReader) {
        monitor.withLock { if !isClosed { free.append(reader) } }
    }

    func close() {
        monitor.withLock {
            isClosed = true
            free = []
        }
    }
}
