import EventLog
import Messaging

/// The form of a baseline file, as `Schemas/BASELINE.md` says. Numbers are little-endian.
enum BaselineFile {
    static let magic = Array("PLBASE01".utf8)
    static let headerBytes = 48
    static let blockHeadBytes = 12
    static let recordHeadBytes = 24
    /// Bytes of the records of a block; a block ends with the record that reaches it.
    static let blockBytes = 1 << 20
    /// No block is larger: that of a record of the greatest size behind almost a whole block.
    static let blockBytesAtMost = blockBytes + LogLimits.recordBytes + LogLimits.keyBytes + recordHeadBytes
    /// In place of the size of a block: the end of the file follows.
    static let end = UInt32.max
    static let footerBytes = 16

    static func name(_ partition: TopicPartition) -> String {
        let number = String(partition.partition)
        return "\(partition.topic.name)-\(String(repeating: "0", count: max(0, 5 - number.count)))\(number).baseline"
    }

    /// What a file says of itself first.
    struct Header: Equatable {
        /// The same in all files of a baseline.
        var set: Identifier
        var partition: TopicPartition
        /// Of the topic.
        var partitionCount: Int32
        /// Where the log goes on.
        var next: Int64

        var bytes: [UInt8] {
            var bytes = BaselineFile.magic
            set.withBytes { bytes.append(contentsOf: $0) }
            BaselineFile.add(UInt32(partition.topic.rawValue), to: &bytes)
            BaselineFile.add(partition.partition, to: &bytes)
            BaselineFile.add(partitionCount, to: &bytes)
            BaselineFile.add(next, to: &bytes)
            BaselineFile.add(CRC32C.of(bytes), to: &bytes)
            return bytes
        }

        /// - Returns: `nil` when these bytes are no header.
        init?(_ bytes: [UInt8]) {
            guard bytes.count == BaselineFile.headerBytes, Array(bytes[0..<8]) == BaselineFile.magic,
                CRC32C.of(Array(bytes[..<44])) == BaselineFile.word(bytes, 44),
                let set = Identifier(bytes: bytes[8..<24]),
                let topic = UInt8(exactly: BaselineFile.word(bytes, 24) as UInt32).flatMap(Topic.init(rawValue:))
            else { return nil }
            self.set = set
            partition = TopicPartition(topic, BaselineFile.word(bytes, 28))
            partitionCount = BaselineFile.word(bytes, 32)
            next = BaselineFile.word(bytes, 36)
        }

        init(set: Identifier, partition: TopicPartition, partitionCount: Int32, next: Int64) {
            self.set = set
            self.partition = partition
            self.partitionCount = partitionCount
            self.next = next
        }
    }

    static func add(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    static func word<Value: FixedWidthInteger>(_ bytes: [UInt8], _ place: Int) -> Value {
        precondition(
            place >= 0 && place + MemoryLayout<Value>.size <= bytes.count, "a number behind the end of its bytes")
        return bytes.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Value.self)) }
    }
}

/// A record of a baseline.
public struct BaselineRecord: Sendable, Equatable {
    /// Its offset in the log it comes from; of what never was in a log counted up to -1.
    public var offset: Int64
    /// Microseconds since 1970.
    public var appendTime: Int64
    public var key: [UInt8]
    /// In the record encoding.
    public var value: [UInt8]

    public init(offset: Int64, appendTime: Int64, key: [UInt8], value: [UInt8]) {
        self.offset = offset
        self.appendTime = appendTime
        self.key = key
        self.value = value
    }
}
