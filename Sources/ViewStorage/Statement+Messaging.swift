public import EventLog
public import Messaging
public import SQLite

/// Identifiers and partitions as SQLite columns: 16-byte blobs, two integers.
extension Statement {
    @inlinable
    public func bind<Kind>(_ id: ID<Kind>, at index: Int) throws {
        try bind(high: id.value.high, low: id.value.low, at: index)
    }

    @inlinable
    public func bind<Kind>(_ id: ID<Kind>?, at index: Int) throws {
        if let id { try bind(id, at: index) } else { try bindNull(at: index) }
    }

    @inlinable
    public func bind(_ flag: Bool, at index: Int) throws { try bind(Int64(flag ? 1 : 0), at: index) }

    /// Binds a value as it was stored.
    public func bind(_ value: StoredValue, at index: Int) throws {
        switch value {
        case .null: try bindNull(at: index)
        case .integer(let number): try bind(number, at: index)
        case .bytes(let bytes): try bind(bytes, at: index)
        case .text(let bytes): try bind(text: bytes, at: index)
        }
    }

    /// Binds topic and partition to parameters 1 and 2.
    public func bind(_ partition: TopicPartition) throws {
        try bind(Int64(partition.topic.rawValue), at: 1)
        try bind(Int64(partition.partition), at: 2)
    }

    /// What a column should hold, or that the view is damaged.
    /// - Throws: `SQLiteError`, which a view explains as `corrupt`.
    @inlinable
    public func known<Value>(_ value: Value?, _ column: Int) throws -> Value {
        guard let value else { throw SQLiteError.corrupt("column \(column) holds what it never can", sql: sql) }
        return value
    }

    /// - Throws: `SQLiteError` when the column does not hold 16 bytes.
    @inlinable
    public func id<Kind>(_ column: Int) throws -> ID<Kind> { try known(optionalID(column), column) }

    @inlinable
    public func optionalID<Kind>(_ column: Int) -> ID<Kind>? {
        identifier(column).map { ID(Identifier(high: $0.high, low: $0.low)) }
    }

    @inlinable
    public func bool(_ column: Int) -> Bool { int64(column) != 0 }

    /// A number that stands for one of a few words.
    /// - Throws: `SQLiteError` when it stands for none of them.
    @inlinable
    public func word<Word: RawRepresentable>(_ column: Int) throws -> Word where Word.RawValue == UInt8 {
        try known(UInt8(exactly: int64(column)).flatMap(Word.init(rawValue:)), column)
    }

    func topic(_ column: Int) throws -> Topic { try word(column) }

    /// Reads topic and partition from this column and the next.
    public func partition(_ column: Int) throws -> TopicPartition {
        TopicPartition(try topic(column), Int32(truncatingIfNeeded: int64(column + 1)))
    }
}

extension Statement {
    /// Steps to the end, giving control at every row, and resets, also when `body` throws.
    @inlinable
    public func forEachRow(_ body: () throws -> Void) throws {
        defer { reset() }
        while try step() { try body() }
    }

    /// The first row, if there is one; resets.
    @inlinable
    public func firstRow<Value>(_ body: () throws -> Value) throws -> Value? {
        defer { reset() }
        return try step() ? try body() : nil
    }
}
