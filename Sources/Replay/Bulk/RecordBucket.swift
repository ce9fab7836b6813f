import EventLog
import Glibc
import Projection
import SQLite
import Synchronization

/// Records of a range of keys, as they stand in the log, in memory up to a limit and beyond it in a file without a name.
///
/// Records of one partition must be added in their order. Threads: any may add.
final class RecordBucket: Sendable {
    private struct State {
        var buffer: [UInt8] = []
        var descriptor: Int32 = -1
        var fileBytes = 0
        var records = 0
    }

    private let state = Mutex(State())
    private let directory: String
    private let memoryBytes: Int

    /// - Parameters:
    ///   - directory: where a file is made when one is needed.
    ///   - memoryBytes: how much is kept in memory.
    init(directory: String, memoryBytes: Int) {
        self.directory = directory
        self.memoryBytes = memoryBytes
    }

    deinit { state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } } }

    var records: Int { state.withLock { $0.records } }

    /// Adds framed records (``frame(_:of:into:)``).
    func add(_ bytes: [UInt8], records: Int) throws {
        try state.withLock { state in
            state.buffer.append(contentsOf: bytes)
            state.records += records
            if state.buffer.count > memoryBytes { try spill(&state) }
        }
    }

    private func spill(_ state: inout State) throws {
        if state.descriptor < 0 {
            var path = Array("\(directory)/bucket-XXXXXX".utf8CString)
            state.descriptor = mkstemp(&path)
            guard state.descriptor >= 0, fcntl(state.descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
                throw Self.failure(directory)
            }
            unlink(path)
            // Nothing is read ahead, as with `SmallReads`; where that fails the system does.
            _ = posix_fadvise(state.descriptor, 0, 0, POSIX_FADV_RANDOM)
        }
        try Self.write(state.buffer, to: state.descriptor, directory)
        state.fileBytes += state.buffer.count
        state.buffer.removeAll(keepingCapacity: true)
    }

    /// Takes everything out and gives the file up.
    func take() throws -> [UInt8] {
        try state.withLock { state in
            defer { state.buffer = [] }
            guard state.descriptor >= 0 else { return state.buffer }
            let count = state.fileBytes
            let descriptor = state.descriptor
            var isRead = true
            var bytes = [UInt8](unsafeUninitializedCapacity: count + state.buffer.count) { raw, initialized in
                var place = 0
                while place < count, isRead {
                    let piece = min(count - place, SmallReads.pieceBytes)
                    let got = pread(descriptor, raw.baseAddress! + place, piece, off_t(place))
                    if got > 0 { place += got } else if got == 0 || errno != EINTR { isRead = false }
                }
                initialized = place
            }
            guard isRead else { throw Self.failure(directory) }
            bytes += state.buffer
            close(descriptor)
            state.descriptor = -1
            return bytes
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ directory: String) throws {
        var place = 0
        while place < bytes.count {
            // A system that interrupts no call lets nobody else in while it copies: with megabytes that takes milliseconds.
            let piece = min(bytes.count - place, SmallReads.pieceBytes)
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + place, piece) }
            if count > 0 { place += count } else if errno != EINTR { throw failure(directory) }
        }
    }

    private static func failure(_ directory: String) -> ProjectionError {
        ProjectionError(
            errno == ENOSPC ? .full : .inputOutput,
            "the records of a rebuild cannot be kept in \(directory): \(String(cString: strerror(errno))): make room",
            isRetriable: true)
    }
}

extension RecordBucket {
    private static let headBytes = 28

    /// Appends a record with where it stands.
    static func frame(_ entry: LogBatch.Record, of partition: TopicPartition, into bytes: inout [UInt8]) {
        func add(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
        }
        add(partition.partition)
        add(entry.offset)
        add(entry.appendTime)
        add(UInt32(entry.key.count))
        add(UInt32(entry.value.count))
        bytes.append(contentsOf: entry.key)
        bytes.append(contentsOf: entry.value)
    }

    /// Gives each framed record.
    static func forEach(
        in bytes: [UInt8], of topic: Topic, _ body: (LogBatch.Record, TopicPartition) throws -> Void
    ) rethrows {
        try bytes.withUnsafeBytes { raw in
            var place = 0
            while place < raw.count {
                func word<Value: FixedWidthInteger>(_ offset: Int) -> Value {
                    Value(littleEndian: raw.loadUnaligned(fromByteOffset: place + offset, as: Value.self))
                }
                let (keyCount, valueCount) = (Int(word(20) as UInt32), Int(word(24) as UInt32))
                let key = place + headBytes
                let value = key + keyCount
                try body(
                    LogBatch.Record(
                        offset: word(4), appendTime: word(12),
                        key: UnsafeRawBufferPointer(rebasing: raw[key..<value]),
                        value: UnsafeRawBufferPointer(rebasing: raw[value..<value + valueCount])),
                    TopicPartition(topic, word(0)))
                place = value + valueCount
            }
        }
    }
}
