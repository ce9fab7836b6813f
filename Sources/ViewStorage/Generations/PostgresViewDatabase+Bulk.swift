import EventLog
import Postgres
import Projection

/// Loading into a schema: rows come by `COPY`, most tables have no keys and none has secondary indexes until the end, and
/// commits do not wait for the disk. Each is a transaction all the same, so a crash of the server too leaves what was
/// committed, but for the last ones, with their positions.
extension PostgresViewDatabase: BulkLoading {
    /// Tables that take new rows only while what a batch brings is new: they are looked into by nobody until their keys are
    /// made. All others keep their keys.
    private static let keyless: Set<String> = [
        "message", "participant", "judged", "message_ref", "member_judged", "rejection",
    ]
    /// Memory of the server for making one index.
    private static let indexMemoryKiB = 262_144

    public func isLoading() throws -> Bool {
        try explaining { try generations.isThere("generation_bulk", in: schema, connection()) }
    }

    public func beginLoading(_ note: [UInt8]) throws -> [UInt8]? {
        try explaining {
            let connection = try connection()
            _ = try connection.query("SELECT set_config('synchronous_commit', 'off', false)")
            return try connection.transaction {
                // One that was killed may not be quite gone yet.
                try connection.run([lock(.replay)])
                if try isLoading() { return try connection.query("SELECT note FROM generation_bulk").bytes(0, 0) }
                try connection.execute(
                    """
                    CREATE TABLE generation_bulk (note bytea NOT NULL);
                    CREATE TABLE generation_index (
                        name text PRIMARY KEY, owner text NOT NULL, is_key boolean NOT NULL, definition text NOT NULL)
                    """)
                var parameters = PostgresParameters()
                parameters.add(note)
                _ = try connection.query("INSERT INTO generation_bulk VALUES ($1)", parameters)
                try noteIndexes(connection)
                for index in try droppedIndexes(connection) { try connection.execute(index.removal) }
                return nil
            }
        }
    }

    /// Notes what is to be dropped, before it is.
    private func noteIndexes(_ connection: PostgresConnection) throws {
        var parameters = PostgresParameters()
        parameters.add(text: schema)
        parameters.add(text: Self.keyless.sorted().joined(separator: ","))
        _ = try connection.query(
            """
            INSERT INTO generation_index
            SELECT c.relname, t.relname, i.indisprimary,
                CASE WHEN i.indisprimary THEN pg_get_constraintdef(k.oid) ELSE pg_get_indexdef(i.indexrelid) END
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
                JOIN pg_namespace n ON n.oid = t.relnamespace
                LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'
            WHERE n.nspname = $1 AND t.relname <> 'generation_index'
                AND (NOT i.indisprimary OR t.relname = ANY (string_to_array($2, ',')))
            """, parameters)
    }

    private struct DroppedIndex {
        var name: String
        var table: String
        var isKey: Bool
        var definition: String

        var removal: String {
            isKey ? "ALTER TABLE \(table) DROP CONSTRAINT \"\(name)\"" : "DROP INDEX \"\(name)\""
        }
        var making: String {
            isKey ? "ALTER TABLE \(table) ADD CONSTRAINT \"\(name)\" \(definition)" : definition
        }
    }

    private func droppedIndexes(_ connection: PostgresConnection) throws -> [DroppedIndex] {
        // Keys first: what follows may look by them.
        let rows = try connection.query(
            "SELECT name, owner, is_key, definition FROM generation_index ORDER BY is_key DESC, name")
        return try (0..<rows.count).map {
            DroppedIndex(
                name: rows.text($0, 0), table: rows.text($0, 1), isKey: try rows.bool($0, 2),
                definition: rows.text($0, 3))
        }
    }

    public func makeIndexes(_ names: Set<String>?) throws {
        try explaining {
            let connection = try connection()
            _ = try connection.query("SELECT set_config('maintenance_work_mem', '\(Self.indexMemoryKiB)', false)")
            for index in try droppedIndexes(connection) where names?.contains(index.name) ?? true {
                try connection.transaction {
                    // First, so that it waits for whoever makes it still, and tells whether that came to its end.
                    var parameters = PostgresParameters()
                    parameters.add(text: index.name)
                    let noted = try connection.query("DELETE FROM generation_index WHERE name = $1", parameters)
                    if noted.affected == 1 { try connection.execute(index.making) }
                }
            }
        }
    }

    /// The server's checkpointer and its processes that write in the background do that.
    public func writeOut() {}

    public func endLoading() throws {
        try makeIndexes(nil)
        novelty = .unknown
        try explaining {
            let connection = try connection()
            // From here on commits wait for the disk again: with this one everything before it is there.
            _ = try connection.query("SELECT set_config('synchronous_commit', 'on', false)")
            try connection.transaction {
                try connection.execute(
                    """
                    DROP TABLE IF EXISTS generation_bulk;
                    DROP TABLE IF EXISTS generation_index;
                    DELETE FROM position WHERE topic = \(Topic.legacyWrites.rawValue);
                    DELETE FROM lease WHERE topic = \(Topic.legacyWrites.rawValue)
                    """)
            }
            try analyze(connection)
        }
    }

    /// Tells the planner what is in the tables: from a fifth of the rows that the server would look at by itself, enough
    /// for queries by keys; all of them took a fifteenth of a rebuild.
    private func analyze(_ connection: PostgresConnection) throws {
        _ = try connection.query("SELECT set_config('default_statistics_target', '20', false)")
        var parameters = PostgresParameters()
        parameters.add(text: schema)
        let tables = try connection.query("SELECT tablename::text FROM pg_tables WHERE schemaname = $1", parameters)
        for row in 0..<tables.count where tables.text(row, 0) != "generation" {
            try connection.execute("ANALYZE \(tables.text(row, 0))")
        }
    }
}
