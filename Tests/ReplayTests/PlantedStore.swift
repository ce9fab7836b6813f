import Postgres
import Projection
import SQLite
import TestSupport
import ViewStorage

/// A live view into which a test plants differences.
protocol PlantedStore {
    func execute(_ sql: String) throws
    func count(of table: String) throws -> Int64
    /// The table's name beside temporary ones.
    func name(of table: String) -> String
    /// An expression: another value of the same type, that no other row has.
    func changed(_ column: String, of table: String) throws -> String
}

struct SQLitePlantedStore: PlantedStore {
    private let connection: Connection

    init(_ path: String) throws { connection = try Connection(path, access: .readWrite) }

    func execute(_ sql: String) throws { try connection.execute(sql) }
    func count(of table: String) throws -> Int64 { try connection.queryInt64("SELECT count(*) FROM \(table)") ?? 0 }
    func name(of table: String) -> String { "main.\(table)" }

    func changed(_ column: String, of table: String) -> String {
        """
        CASE typeof("\(column)") WHEN 'integer' THEN "\(column)" + 1000003 WHEN 'null' THEN x'00112233445566778899aabbccddeeff'
        WHEN 'text' THEN "\(column)" || 'x'
        ELSE CAST(substr("\(column)", 1, length("\(column)") - 1) || x'f7' AS BLOB) END
        """
    }
}

struct PostgresPlantedStore: PlantedStore {
    private let connection: PostgresConnection
    private let schema: String

    init(_ address: PostgresAddress, _ view: ProjectionName) throws {
        connection = try PostgresConnection(address)
        schema = "parley_\(view.rawValue)"
        try connection.execute("SET search_path = \(schema)")
    }

    func execute(_ sql: String) throws { try connection.execute(sql) }
    func count(of table: String) throws -> Int64 { try connection.query("SELECT count(*) FROM \(table)").int64(0, 0) }
    func name(of table: String) -> String { "\(schema).\(table)" }

    func changed(_ column: String, of table: String) throws -> String {
        var parameters = PostgresParameters()
        parameters.add(text: "\(schema).\(table)")
        parameters.add(text: column)
        let type = try connection.query(
            """
            SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2
            """, parameters
        ).text(0, 0)
        let value = "\"\(column)\""
        switch type {
        case "smallint": return "coalesce(\(value) + 10003, 7)::smallint"
        case "integer", "bigint": return "coalesce(\(value) + 1000003, 7)"
        case "text": return "coalesce(\(value) || 'x', 'y')"
        case "uuid":
            return
                "coalesce(overlay(\(value)::text placing 'f7' from 35), '00112233-4455-6677-8899-aabbccddeeff')::uuid"
        case "bytea": return "coalesce(\(value) || '\\xf7'::bytea, '\\x0011'::bytea)"
        default: throw TestFailure("\(table).\(column) is of the unknown type \(type)")
        }
    }
}
