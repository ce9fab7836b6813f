public import Messaging
public import Postgres

/// Single statements, as readers ask them.
extension PostgresViewDatabase {
    /// Runs one statement inside ``read(_:)``.
    /// - Parameter fill: gives the parameters in order.
    public func query(
        _ sql: String, _ fill: (inout PostgresParameters) -> Void = { _ in }
    ) throws -> PostgresRows {
        var parameters = PostgresParameters()
        fill(&parameters)
        return try explaining { try connection().query(sql, parameters) }
    }
}

extension Identifier {
    /// At or before every identifier.
    public static var first: Identifier { Identifier(high: 0, low: 0) }
    /// At or behind every identifier.
    public static var last: Identifier { Identifier(high: .max, low: .max) }
}
