import Postgres
import Projection

/// Making and migrating the schema.
extension PostgresViewDatabase {
    private var target: Int64 { definition.version }

    /// Makes sure that the schema is of this version, migrating it where that is asked for.
    ///
    /// Whoever may creates and migrates it: the first projector when its role owns the schema, else `parley migrate` run as
    /// the role that does. A role without the right is told so and changes nothing.
    func check(_ connection: PostgresConnection) throws {
        let version = try self.version(connection)
        guard version <= target else {
            throw ProjectionError(
                .incompatible,
                "schema \(schema) at \(address) was made by a newer Parley (view version \(version), this one "
                    + "knows \(target)): use that one")
        }
        if try version == target && generations.active(connection) != nil { return }
        guard access == .project else {
            if version == 0 {
                throw ProjectionError(
                    .missing,
                    "schema \(schema) at \(address): no projector has made the view yet: start one", isRetriable: true)
            }
            throw ProjectionError(
                .incompatible,
                "schema \(schema) at \(address) has view version \(version), this Parley needs \(target) and the table "
                    + "\(generations.table): run `parley migrate`", isRetriable: true)
        }
        do { try migrate(connection) } catch let error as PostgresError where error.isDenied {
            throw ProjectionError(
                .readOnly,
                "schema \(schema) at \(address) has view version \(version), this Parley needs \(target) and the table "
                    + "\(generations.table), and this role may not change it: run `parley migrate` as the role that owns it",
                cause: error)
        }
    }

    private func version(_ connection: PostgresConnection) throws -> Int64 {
        var parameters = PostgresParameters()
        parameters.add(text: schema)
        let there = try connection.query(
            """
            SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = 'schema_version'
            """, parameters)
        guard there.count == 1 else { return 0 }
        let found = try connection.query("SELECT projection, version FROM \(schema).schema_version")
        guard found.count == 1, found.text(0, 0) == definition.projection.rawValue else {
            throw ProjectionError(
                .incompatible,
                "schema \(schema) at \(address) is not a \(definition.projection.rawValue) view: give the right "
                    + "database, or another one")
        }
        return try found.int64(0, 1)
    }

    private func migrate(_ connection: PostgresConnection) throws {
        try connection.transaction {
            try connection.run([lock(.migrations)])
            // Another process may have migrated while this one waited for the lock.
            var current = try version(connection)
            for schema in [definition.schema, schema] where try !isMade(schema, connection) {
                // Without the right to make schemas one can still own one that was made.
                try connection.execute("CREATE SCHEMA \(schema)")
            }
            while current < target {
                try connection.execute(
                    current == 0 ? commonTables : definition.migrations[Int(current) - 1])
                current += 1
            }
            try connection.execute("UPDATE schema_version SET version = \(target)")
            if try generations.active(connection) == nil { try connection.execute(generations.making) }
        }
    }

    private func isMade(_ schema: String, _ connection: PostgresConnection) throws -> Bool {
        var parameters = PostgresParameters()
        parameters.add(text: schema)
        return try connection.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", parameters).count > 0
    }

    /// What is done one after another across processes.
    enum LockName: Int64 {
        case migrations = 1
        case claims = 2
        case batches = 3
        /// Held by whoever builds, swaps or removes generations.
        case replay = 4
    }

    /// Takes a lock of this schema until the transaction ends.
    func lock(_ name: LockName) -> PostgresRequest {
        var parameters = PostgresParameters()
        // What all generations share is migrated by one at a time.
        parameters.add(text: "parley \(name == .migrations ? definition.schema : schema)")
        parameters.add(name.rawValue)
        return PostgresRequest("SELECT pg_advisory_xact_lock(hashtext($1), $2::integer)", parameters)
    }

    private var commonTables: String {
        """
        CREATE TABLE schema_version (projection text NOT NULL, version bigint NOT NULL);
        INSERT INTO schema_version VALUES ('\(definition.projection.rawValue)', 0);
        CREATE TABLE position (
            topic smallint NOT NULL, partition integer NOT NULL, next_offset bigint NOT NULL,
            PRIMARY KEY (topic, partition)) WITH (fillfactor = 50);
        CREATE TABLE lease (
            topic smallint NOT NULL, partition integer NOT NULL, owner text, epoch bigint NOT NULL,
            expires timestamptz NOT NULL, backend integer NOT NULL, backend_start timestamptz,
            PRIMARY KEY (topic, partition)) WITH (fillfactor = 50);
        -- Projectors that are there, whatever they own: a fair share is counted by them.
        CREATE TABLE instance (
            owner text PRIMARY KEY, topics bigint NOT NULL, expires timestamptz NOT NULL) WITH (fillfactor = 50);
        CREATE TABLE attempt (
            topic smallint NOT NULL, partition integer NOT NULL, from_offset bigint NOT NULL,
            until_offset bigint NOT NULL, deaths integer NOT NULL,
            PRIMARY KEY (topic, partition)) WITH (fillfactor = 50);
        CREATE TABLE parked (
            topic smallint NOT NULL, partition integer NOT NULL, record_offset bigint NOT NULL,
            lane bytea NOT NULL, append_time bigint NOT NULL, value bytea NOT NULL, reason text NOT NULL,
            PRIMARY KEY (topic, partition, record_offset));
        CREATE INDEX parked_lane ON parked (topic, lane);
        -- Who wrote last, where projectors of different partitions write the same rows.
        CREATE TABLE writer (token bytea NOT NULL);
        INSERT INTO writer VALUES ('');
        """
    }
}
