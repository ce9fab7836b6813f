public import Postgres

/// The columns of one table's rows to write, as arrays.
///
/// Filled, turned into one statement, and emptied, batch after batch.
public final class PostgresColumns {
    /// From so many new rows on they are copied: the round trips are worth it.
    private static let manyRows = 500

    private let sql: String
    public let columns: [PostgresArray]
    /// How new rows are copied; `nil` where rows may be there already.
    private let copy: (into: String, columns: [PostgresCopy.Column])?

    /// - Parameter sql: takes the columns as `$1`, `$2`, ...
    public init(_ types: [PostgresType], _ sql: String) {
        columns = types.map { PostgresArray($0) }
        self.sql = sql
        copy = nil
    }

    /// Rows that are new to a table.
    public convenience init(newIn table: String, _ columns: KeyValuePairs<String, PostgresCopy.Column>) {
        self.init(newIn: table, Array(columns))
    }

    /// - Parameter columns: their names and what they hold.
    public init(newIn table: String, _ columns: [(key: String, value: PostgresCopy.Column)]) {
        let place = "\(table) (\(columns.map { "\"\($0.key)\"" }.joined(separator: ", ")))"
        let places = (1...columns.count).map { "$\($0)" }.joined(separator: ", ")
        self.columns = columns.map { PostgresArray($0.value.element) }
        sql = "INSERT INTO \(place) SELECT * FROM unnest(\(places))"
        copy = (place, columns.map(\.value))
    }

    public subscript(_ index: Int) -> PostgresArray { columns[index] }
    public var isEmpty: Bool { columns[0].count == 0 }
    public func removeAll() { for column in columns { column.removeAll() } }

    /// Gives the statement, unless there are no rows.
    public func add(to sink: PostgresBatchSink) {
        if isEmpty { return }
        if let copy, columns[0].count >= Self.manyRows {
            sink.add(PostgresRequest(PostgresCopy(into: copy.into, copy.columns, columns)))
        } else {
            sink.add(PostgresRequest(sql, columns))
        }
    }
}
