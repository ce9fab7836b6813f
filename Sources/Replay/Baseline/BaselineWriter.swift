public import EventLog
import Glibc
public import Messaging

/// Writes one file of a baseline: it is there as a whole, durable, and never changed afterwards, or not at all.
///
/// Threads: one at a time.
public final class BaselineWriter {
    private let path: String
    private let descriptor: Int32
    private let header: BaselineFile.Header
    private var block: [UInt8] = []
    private var blockRecords: UInt32 = 0
    private var total: UInt64 = 0
    private var chain = CRC32C()
    private var last: (offset: Int64, appendTime: Int64)?
    private var isFinished = false

    /// - Parameters:
    ///   - set: the same for all files of a baseline, and for no other one.
    ///   - partitionCount: of the topic.
    ///   - next: where the log goes on; above the offset of every record.
    /// - Throws: `ReplayError` with `invalid` when the file is there.
    public init(
        _ partition: TopicPartition, of partitionCount: Int32, in directory: String, set: Identifier, next: Int64
    ) throws {
        path = "\(directory)/\(BaselineFile.name(partition))"
        header = BaselineFile.Header(set: set, partition: partition, partitionCount: partitionCount, next: next)
        guard access(path, F_OK) != 0 else {
            throw ReplayError(
                .invalid, "\(path): is there already, and a baseline never changes: name another directory")
        }
        descriptor = open(path + ".partial", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o444)
        guard descriptor >= 0 else { throw Self.failure("cannot be made", path) }
        let bytes = header.bytes
        chain.add(bytes)
        try write(bytes)
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(path + ".partial") }
    }

    /// Records come in the order of their offsets; append times never decrease.
    /// - Throws: `ReplayError` with `invalid` for a record out of order; `full`.
    public func add(_ record: BaselineRecord) throws {
        guard record.offset < header.next, last.map({ record.offset > $0.offset }) ?? true,
            last.map({ record.appendTime >= $0.appendTime }) ?? true
        else {
            throw ReplayError(
                .invalid, "\(path): the record at offset \(record.offset) is out of order, or not before \(header.next)"
            )
        }
        last = (record.offset, record.appendTime)
        BaselineFile.add(record.offset, to: &block)
        BaselineFile.add(record.appendTime, to: &block)
        BaselineFile.add(UInt32(record.key.count), to: &block)
        BaselineFile.add(UInt32(record.value.count), to: &block)
        block += record.key
        block += record.value
        blockRecords += 1
        if block.count >= BaselineFile.blockBytes { try endBlock() }
    }

    /// Makes the file what it is from now on.
    public func finish() throws {
        if blockRecords > 0 { try endBlock() }
        var footer: [UInt8] = []
        BaselineFile.add(BaselineFile.end, to: &footer)
        BaselineFile.add(total, to: &footer)
        chain.add(footer)
        BaselineFile.add(chain.value, to: &footer)
        try write(footer)
        guard fsync(descriptor) == 0, rename(path + ".partial", path) == 0 else {
            throw Self.failure("not written", path)
        }
        isFinished = true
        try Self.syncDirectory(of: path)
    }

    private func endBlock() throws {
        var head: [UInt8] = []
        BaselineFile.add(UInt32(block.count), to: &head)
        BaselineFile.add(blockRecords, to: &head)
        BaselineFile.add(CRC32C.of(block), to: &head)
        chain.add(head)
        try write(head)
        try write(block)
        total += UInt64(blockRecords)
        block.removeAll(keepingCapacity: true)
        blockRecords = 0
    }

    private func write(_ bytes: [UInt8]) throws {
        var place = 0
        while place < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + place, $0.count - place)
            }
            if count > 0 { place += count } else if errno != EINTR { throw Self.failure("cannot be written", path) }
        }
    }

    private static func syncDirectory(of path: String) throws {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let directory = open(String(path[..<slash]), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if directory >= 0 { close(directory) } }
        guard directory >= 0, fsync(directory) == 0 else { throw failure("cannot be synced", path) }
    }

    private static func failure(_ work: String, _ path: String) -> ReplayError {
        ReplayError(
            errno == ENOSPC ? .full : .invalid,
            "\(path): \(work): \(String(cString: strerror(errno))): name another place")
    }
}

extension CRC32C {
    mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }
}

extension Baseline {
    /// Keeps a log up to its bounds as the files of a baseline.
    /// - Parameters:
    ///   - bounds: where each partition ends in the baseline, and goes on in the log.
    ///   - set: names the baseline.
    ///   - progress: told how many records were written; may throw to stop.
    /// - Throws: `ReplayError`, `LogError`.
    public static func write(
        _ log: any EventLog, until bounds: [TopicPartition: Int64], to directory: String, set: Identifier,
        progress: (Int) throws -> Void = { _ in }
    ) throws {
        if mkdir(directory, 0o777) != 0, errno != EEXIST {
            throw ReplayError(.invalid, "\(directory): cannot be made: \(String(cString: strerror(errno)))")
        }
        for topic in topics {
            for partition in log.partitionCounts.partitions(of: topic) {
                let bound = bounds[partition] ?? 0
                let writer = try BaselineWriter(
                    partition, of: log.partitionCounts[topic], in: directory, set: set, next: bound)
                var place = try log.startOffset(of: partition)
                while place < bound {
                    let batch = try log.read(
                        partition, from: place, maxRecords: Int(min(bound - place, 4_096)), maxBytes: 4 << 20)
                    guard batch.nextOffset > place else {
                        throw ReplayError(.damaged, "\(partition) ends before offset \(bound)")
                    }
                    try batch.forEachRecord { entry in
                        guard entry.offset < bound else { return }
                        try writer.add(
                            BaselineRecord(
                                offset: entry.offset, appendTime: entry.appendTime, key: Array(entry.key),
                                value: Array(entry.value)))
                    }
                    place = batch.nextOffset
                    try progress(batch.count)
                }
                try writer.finish()
            }
        }
    }
}
