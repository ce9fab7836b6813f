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

    /// Binds topic and partition to parameters 1 and 2.
    public func bind(_ partition: TopicPartition) throws {
        try bind(Int64(partition.topic.rawValue), at: 1)
        try bind(Int64(partition.partition), at: 2)
    }

    /// - Precondition: the column holds 16 bytes; the view's own tables guarantee it.
    @inlinable
    public func id<Kind>(_ column: Int) -> ID<Kind> {
        guard let id: ID<Kind> = optionalID(column) else {
            preconditionFailure("column \(column) of \(sql) holds no identifier; the view is damaged")
        }
        return id
    }

    @inlinable
    public func optionalID<Kind>(_ column: Int) -> ID<Kind>? {
        identifier(column).map { ID(Identifier(high: $0.high, low: $0.low)) }
    }

    @inlinable
    public func bool(_ column: Int) -> Bool { int64(column) != 0 }

    func topic(_ column: Int) -> Topic {
        guard let topic = Topic(rawValue: UInt8(truncatingIfNeeded: int64(column))) else {
            preconditionFailure("column \(column) of \(sql) holds no topic; the view is damaged")
        }
        return topic
    }

    /// Reads topic and partition from this column and the next.
    public func partition(_ column: Int) -> TopicPartition {
        TopicPartition(topic(column), Int32(truncatingIfNeeded: int64(column + 1)))
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
