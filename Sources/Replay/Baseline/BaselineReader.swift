import EventLog
import Glibc
import Messaging
import Wire

/// Reads one file of a baseline, block by block, and checks everything that it says.
///
/// Threads: one at a time.
final class BaselineReader {
    let header: BaselineFile.Header
    private let path: String
    private let descriptor: Int32
    private var place = 0
    private var chain = CRC32C()
    private var total: UInt64 = 0
    private var last: (offset: Int64, appendTime: Int64)?

    /// - Throws: `ReplayError` with `missing` or `damaged`.
    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ReplayError(
                .missing,
                "\(path): \(String(cString: strerror(errno))): a baseline has a file for each partition of both topics: "
                    + "restore it")
        }
        do {
            let bytes = try Self.read(BaselineFile.headerBytes, descriptor, path, at: 0)
            guard let header = BaselineFile.Header(bytes) else { throw Self.damage(path, 0, "its header is none") }
            self.header = header
            chain.add(bytes)
            place = bytes.count
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// The records of the next block; `nil` at the end, when everything was as it should be.
    /// - Throws: `ReplayError` with `damaged`, which names the place.
    func next() throws -> [BaselineRecord]? {
        let start = place
        let size: UInt32 = BaselineFile.word(try take(4), 0)
        if size == BaselineFile.end { return try end(start) }
        guard size <= BaselineFile.blockBytesAtMost else { throw damage(start, "a block of \(size) bytes") }
        var head = try take(8)
        let sum: UInt32 = BaselineFile.word(head, 4)
        let count: UInt32 = BaselineFile.word(head, 0)
        var sized: [UInt8] = []
        BaselineFile.add(size, to: &sized)
        head = sized + head
        chain.add(head)
        let bytes = try take(Int(size))
        guard CRC32C.of(bytes) == sum else { throw damage(start, "the checksum of a block is wrong") }
        let records = try records(bytes, start)
        guard records.count == Int(count) else { throw damage(start, "a block has not as many records as it says") }
        total += UInt64(count)
        return records
    }

    private func end(_ start: Int) throws -> [BaselineRecord]? {
        let rest = try take(12)
        var footer: [UInt8] = []
        BaselineFile.add(BaselineFile.end, to: &footer)
        chain.add(footer + rest[..<8])
        guard BaselineFile.word(rest, 0) == total, BaselineFile.word(rest, 8) == chain.value else {
            throw damage(start, "blocks are missing or out of place")
        }
        var byte: UInt8 = 0
        guard pread(descriptor, &byte, 1, off_t(place)) == 0 else {
            throw damage(place, "there is more behind the end")
        }
        return nil
    }

    private func records(_ bytes: [UInt8], _ start: Int) throws -> [BaselineRecord] {
        var records: [BaselineRecord] = []
        var at = 0
        while at < bytes.count {
            guard at + BaselineFile.recordHeadBytes <= bytes.count else { throw damage(start, "a record is cut off") }
            let (keyCount, valueCount): (UInt32, UInt32) = (
                BaselineFile.word(bytes, at + 16), BaselineFile.word(bytes, at + 20)
            )
            let key = at + BaselineFile.recordHeadBytes
            let value = key + Int(keyCount)
            let end = value + Int(valueCount)
            guard end <= bytes.count else { throw damage(start, "a record is cut off") }
            let record = BaselineRecord(
                offset: BaselineFile.word(bytes, at), appendTime: BaselineFile.word(bytes, at + 8),
                key: Array(bytes[key..<value]), value: Array(bytes[value..<end]))
            try check(record, start)
            records.append(record)
            at = end
        }
        return records
    }

    private func check(_ record: BaselineRecord, _ start: Int) throws {
        guard record.offset < header.next, last.map({ record.offset > $0.offset }) ?? true,
            last.map({ record.appendTime >= $0.appendTime }) ?? true
        else { throw damage(start, "the record at offset \(record.offset) is out of order") }
        if let key = Identifier(bytes: record.key) {
            let home = Partitioner.partition(of: key, count: header.partitionCount)
            guard home == header.partition.partition else {
                throw damage(start, "the record at offset \(record.offset) belongs in partition \(home)")
            }
        }
        last = (record.offset, record.appendTime)
    }

    private func take(_ count: Int) throws -> [UInt8] {
        let bytes = try Self.read(count, descriptor, path, at: place)
        place += count
        return bytes
    }

    private static func read(_ count: Int, _ descriptor: Int32, _ path: String, at start: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var place = 0
        while place < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + place, count - place, off_t(start + place))
            }
            if got == 0 { throw damage(path, start, "it ends too early") }
            guard got > 0 || errno == EINTR else { throw damage(path, start, String(cString: strerror(errno))) }
            place += max(0, got)
        }
        return bytes
    }

    private func damage(_ place: Int, _ what: String) -> ReplayError { Self.damage(path, place, what) }

    private static func damage(_ path: String, _ place: Int, _ what: String) -> ReplayError {
        ReplayError(.damaged, "\(path): at byte \(place): \(what): the file is damaged: restore it from a copy")
    }
}
