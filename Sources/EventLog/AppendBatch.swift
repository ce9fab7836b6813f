/// Records to append, in one contiguous buffer: adding one allocates nothing but the buffer's growth.
public struct AppendBatch: Sendable {
    /// One record: where its key and value lie in ``AppendBatch/bytes``, one after the other.
    @frozen
    public struct Entry: Sendable {
        public var partition: TopicPartition
        /// Where the key starts.
        public var start: Int
        public var keyCount: Int
        public var valueCount: Int

        @inlinable
        public init(partition: TopicPartition, start: Int, keyCount: Int, valueCount: Int) {
            self.partition = partition
            self.start = start
            self.keyCount = keyCount
            self.valueCount = valueCount
        }

        @inlinable public var keyRange: Range<Int> { start..<start + keyCount }
        @inlinable public var valueRange: Range<Int> { start + keyCount..<start + keyCount + valueCount }
    }

    /// Keys and values, in the order of the entries.
    public private(set) var bytes: [UInt8] = []
    public private(set) var entries: [Entry] = []

    public init() {}

    /// - Parameters:
    ///   - records: how many entries to make room for.
    ///   - bytes: how many bytes of keys and values to make room for.
    public init(reservingRecords records: Int, bytes: Int) {
        entries.reserveCapacity(records)
        self.bytes.reserveCapacity(bytes)
    }

    public var count: Int { entries.count }
    public var isEmpty: Bool { entries.isEmpty }

    /// Adds a record; the bytes are copied.
    public mutating func add(to partition: TopicPartition, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        let start = bytes.count
        bytes.append(contentsOf: key)
        bytes.append(contentsOf: value)
        entries.append(Entry(partition: partition, start: start, keyCount: key.count, valueCount: value.count))
    }

    /// Adds a record; the bytes are copied.
    public mutating func add(to partition: TopicPartition, key: [UInt8], value: [UInt8]) {
        key.withUnsafeBytes { key in value.withUnsafeBytes { add(to: partition, key: key, value: $0) } }
    }

    /// Adds a record with a 16-byte key whose value an encoder writes straight into the batch.
    ///
    /// - Parameters:
    ///   - high: bytes 0 to 7 of the key, most significant first; `low` has the rest.
    ///   - encode: appends the value to the buffer and must leave what is there alone.
    /// - Throws: what `encode` throws; the batch is then as it was before.
    public mutating func add(
        to partition: TopicPartition, keyHigh high: UInt64, keyLow low: UInt64, encode: (inout [UInt8]) throws -> Void
    ) rethrows {
        let start = bytes.count
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
        do { try encode(&bytes) } catch {
            bytes.removeSubrange(start...)
            throw error
        }
        precondition(bytes.count >= start + 16, "an encoder removed bytes of the batch")
        entries.append(Entry(partition: partition, start: start, keyCount: 16, valueCount: bytes.count - start - 16))
    }

    /// Adds all records of another batch behind those of this one.
    public mutating func add(contentsOf other: AppendBatch) {
        let shift = bytes.count
        bytes.append(contentsOf: other.bytes)
        for var entry in other.entries {
            entry.start += shift
            entries.append(entry)
        }
    }

    /// Makes room for more at once.
    public mutating func reserve(records: Int, bytes: Int) {
        entries.reserveCapacity(entries.count + records)
        self.bytes.reserveCapacity(self.bytes.count + bytes)
    }

    /// Takes the latest records back.
    /// - Parameter count: how many stay; not more than there are.
    public mutating func removeAll(behind count: Int) {
        guard count < entries.count else { return }
        bytes.removeSubrange(entries[count].start...)
        entries.removeSubrange(count...)
    }

    /// Empties the batch and keeps its memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }
}

/// What the log answers for one record of an append.
@frozen
public struct Appended: Hashable, Sendable {
    /// The record's place in its partition.
    public var offset: Int64
    /// Microseconds since 1970 by the log's clock; never less than that of the partition's record before.
    public var appendTime: Int64

    @inlinable
    public init(offset: Int64, appendTime: Int64) {
        self.offset = offset
        self.appendTime = appendTime
    }
}
