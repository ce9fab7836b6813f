public import EventLog
public import Messaging
public import Postgres

/// Identifiers and partitions as PostgreSQL columns: `uuid`, which compares as its bytes; `smallint` and `integer`.
extension PostgresArray {
    @inlinable
    public func append<Kind>(_ id: ID<Kind>) { append(high: id.value.high, low: id.value.low) }

    @inlinable
    public func append<Kind>(_ id: ID<Kind>?) { if let id { append(id) } else { appendNull() } }

    @inlinable
    public func append(_ flag: Bool) { append(Int64(flag ? 1 : 0)) }
}

extension PostgresParameters {
    @inlinable
    public mutating func add<Kind>(_ id: ID<Kind>) { add(high: id.value.high, low: id.value.low) }
}

extension PostgresRows {
    @inlinable
    public func id<Kind>(_ row: Int, _ column: Int) throws(PostgresError) -> ID<Kind> {
        let value = try identifier(row, column)
        return ID(Identifier(high: value.high, low: value.low))
    }

    @inlinable
    public func optionalID<Kind>(_ row: Int, _ column: Int) throws(PostgresError) -> ID<Kind>? {
        isNull(row, column) ? nil : try id(row, column)
    }

    public func int32(_ row: Int, _ column: Int) throws(PostgresError) -> Int32 {
        Int32(truncatingIfNeeded: try int64(row, column))
    }

    /// A number that stands for one of a few words.
    /// - Throws: `PostgresError` with `malformed` when it stands for none of them.
    public func word<Word: RawRepresentable>(_ row: Int, _ column: Int) throws(PostgresError) -> Word
    where Word.RawValue == UInt8 {
        guard let word = UInt8(exactly: try int64(row, column)).flatMap(Word.init(rawValue:)) else {
            throw PostgresError(.malformed, "column \(column) holds what it never can")
        }
        return word
    }

    /// Topic and partition from this column and the next.
    public func partition(_ row: Int, _ column: Int) throws(PostgresError) -> TopicPartition {
        let topic: Topic = try word(row, column)
        return TopicPartition(topic, try int32(row, column + 1))
    }
}

/// Partitions as two arrays.
struct PartitionArrays {
    let topics = PostgresArray(.int8)
    let partitions = PostgresArray(.int8)

    func append(_ partition: TopicPartition) {
        topics.append(Int64(partition.topic.rawValue))
        partitions.append(Int64(partition.partition))
    }

    var both: [PostgresArray] { [topics, partitions] }
}
