import EventLog

/// Records of one partition that were committed together, as one row of the table `segment`.
///
/// The bytes are frames, one a record: key count (2 bytes, little-endian), value count (4 bytes, little-endian), key,
/// value. All records of a segment have its append time, and offsets from its first one on.
struct SegmentHeader: Equatable {
    /// `topic << 16 | partition`.
    var place: Int64
    var firstOffset: Int64
    var count: Int64
    var appendTime: Int64

    var endOffset: Int64 { firstOffset + count }
}

/// The end of a partition's chain: what the next segment builds on.
struct Link: Equatable {
    /// The offset of the next record.
    var end: Int64
    /// The checksum of the last segment; that of an empty partition is 0.
    var checksum: UInt64

    static let start = Link(end: 0, checksum: 0)
}

enum Segment {
    /// Frame bytes before the key.
    static let frameHeader = 6

    static func place(_ partition: TopicPartition) -> Int64 {
        Int64(partition.topic.rawValue) << 16 | Int64(partition.partition)
    }

    /// - Precondition: `place` was made by ``place(_:)``.
    static func partition(_ place: Int64) -> TopicPartition {
        guard let topic = Topic(rawValue: UInt8(truncatingIfNeeded: place >> 16)) else {
            preconditionFailure("there is no topic of place \(place)")
        }
        return TopicPartition(topic, Int32(place & 0xffff))
    }

    /// The checksum over the frames, the header, the log's id and the checksum of the segment before it, so that a changed
    /// byte, a segment out of its place and a segment of another log are all found.
    static func checksum(
        _ header: SegmentHeader, after previous: UInt64, logID: LogID, _ bytes: UnsafeRawBufferPointer
    ) -> UInt64 {
        let words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (
            logID.high.littleEndian, logID.low.littleEndian, previous.littleEndian,
            UInt64(bitPattern: header.place).littleEndian, UInt64(bitPattern: header.firstOffset).littleEndian,
            UInt64(bitPattern: header.count).littleEndian, UInt64(bitPattern: header.appendTime).littleEndian
        )
        let seed = withUnsafeBytes(of: words) { Checksum.digest($0, seed: 0) }
        return Checksum.digest(bytes, seed: seed)
    }

    /// Writes one frame.
    /// - Precondition: `target` has room for it; the counts are within the log's limits.
    @inline(__always)
    static func writeFrame(_ entry: AppendBatch.Entry, of bytes: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: UInt16(truncatingIfNeeded: entry.keyCount).littleEndian, as: UInt16.self)
        target.storeBytes(
            of: UInt32(truncatingIfNeeded: entry.valueCount).littleEndian, toByteOffset: 2, as: UInt32.self)
        (target + frameHeader).copyMemory(from: bytes + entry.start, byteCount: entry.keyCount + entry.valueCount)
    }

    /// One frame's counts, or `nil` when it does not lie inside the bytes.
    @inline(__always)
    static func frame(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> (keyCount: Int, valueCount: Int)? {
        guard offset + frameHeader <= bytes.count, let base = bytes.baseAddress else { return nil }
        let key = Int(UInt16(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        let value = Int(UInt32(littleEndian: base.loadUnaligned(fromByteOffset: offset + 2, as: UInt32.self)))
        return offset + frameHeader + key + value <= bytes.count ? (key, value) : nil
    }
}

/// The 16 random bytes that name one log; every checksum of the log depends on them.
public struct LogID: Hashable, Sendable {
    /// Bytes 0 to 7, most significant first.
    public var high: UInt64
    /// Bytes 8 to 15, most significant first.
    public var low: UInt64

    static func random() -> LogID {
        var generator = SystemRandomNumberGenerator()
        return LogID(high: generator.next(), low: generator.next())
    }
}
