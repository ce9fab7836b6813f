/// Records of one partition as they stand in the log, in one contiguous buffer.
public struct LogBatch: Sendable {
    /// One record: its place and time, and where its key and value lie in ``LogBatch/bytes``.
    @frozen
    public struct Entry: Sendable {
        public var offset: Int64
        /// Microseconds since 1970.
        public var appendTime: Int64
        /// Where the key starts; the value follows it.
        public var start: Int
        public var keyCount: Int32
        public var valueCount: Int32

        @inlinable
        public init(offset: Int64, appendTime: Int64, start: Int, keyCount: Int32, valueCount: Int32) {
            self.offset = offset
            self.appendTime = appendTime
            self.start = start
            self.keyCount = keyCount
            self.valueCount = valueCount
        }
    }

    /// One record with its bytes in place, valid only inside the closure that receives it.
    @frozen
    public struct Record {
        public var offset: Int64
        /// Microseconds since 1970.
        public var appendTime: Int64
        public var key: UnsafeRawBufferPointer
        public var value: UnsafeRawBufferPointer

        @inlinable
        public init(offset: Int64, appendTime: Int64, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
            self.offset = offset
            self.appendTime = appendTime
            self.key = key
            self.value = value
        }
    }

    public var partition: TopicPartition
    /// What holds keys and values; there may be other bytes between them.
    public var bytes: [UInt8]
    /// In order of offset. Offsets increase, on some logs with gaps.
    public var entries: [Entry]
    /// Where to read on: behind the last record, or where this read began when there is none.
    public var nextOffset: Int64

    @inlinable
    public init(partition: TopicPartition, bytes: [UInt8], entries: [Entry], nextOffset: Int64) {
        self.partition = partition
        self.bytes = bytes
        self.entries = entries
        self.nextOffset = nextOffset
    }

    @inlinable public var count: Int { entries.count }
    @inlinable public var isEmpty: Bool { entries.isEmpty }

    /// Gives each record in order, without allocating.
    @inlinable
    public func forEachRecord(_ body: (Record) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { raw in
            for entry in entries { try body(LogBatch.record(entry, in: raw)) }
        }
    }

    /// Gives one record.
    /// - Parameter index: counts the records of the batch from 0.
    @inlinable
    public func withRecord<Result>(at index: Int, _ body: (Record) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { try body(LogBatch.record(entries[index], in: $0)) }
    }

    @inlinable
    static func record(_ entry: Entry, in raw: UnsafeRawBufferPointer) -> Record {
        let key = entry.start..<entry.start + Int(entry.keyCount)
        let value = key.upperBound..<key.upperBound + Int(entry.valueCount)
        return Record(
            offset: entry.offset, appendTime: entry.appendTime, key: UnsafeRawBufferPointer(rebasing: raw[key]),
            value: UnsafeRawBufferPointer(rebasing: raw[value]))
    }
}
