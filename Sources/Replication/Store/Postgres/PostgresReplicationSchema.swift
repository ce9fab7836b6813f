import Postgres

/// The schema of the replicator's store in PostgreSQL.
enum PostgresReplicationSchema {
    static let name = "parley_replication"
    static var version: Int64 { Int64(migrations.count) }

    /// The n-th brings a schema from version n - 1 to version n. Never changed once released.
    static let migrations = [
        """
        CREATE TABLE schema_version (what text NOT NULL, version bigint NOT NULL);
        INSERT INTO schema_version VALUES ('replication', 0);
        -- One row: who replicates. Every change checks owner and epoch.
        CREATE TABLE lease (
            owner text, epoch bigint NOT NULL, expires timestamptz NOT NULL) WITH (fillfactor = 50);
        INSERT INTO lease VALUES (NULL, 0, clock_timestamp());
        CREATE TABLE position (
            partition integer PRIMARY KEY, next_offset bigint NOT NULL) WITH (fillfactor = 50);
        CREATE TABLE lane (
            lane uuid PRIMARY KEY, is_dead smallint NOT NULL, due_millis bigint NOT NULL, attempts integer NOT NULL,
            failing_since_millis bigint NOT NULL, class smallint NOT NULL, cause text NOT NULL);
        CREATE TABLE parked (
            lane uuid NOT NULL, partition integer NOT NULL, record_offset bigint NOT NULL,
            append_micros bigint NOT NULL, record_key bytea NOT NULL, record_value bytea NOT NULL,
            PRIMARY KEY (lane, partition, record_offset));
        CREATE TABLE skipped (
            partition integer NOT NULL, record_offset bigint NOT NULL, lane uuid NOT NULL,
            PRIMARY KEY (partition, record_offset));
        CREATE TABLE request (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, lane uuid NOT NULL, skips_head smallint NOT NULL,
            records_per_second bigint NOT NULL);
        CREATE TABLE audit (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at_millis bigint NOT NULL, action text NOT NULL,
            lane uuid NOT NULL, operator text NOT NULL, reason text NOT NULL);
        CREATE TABLE figure (name text PRIMARY KEY, value bigint NOT NULL) WITH (fillfactor = 50);
        CREATE TABLE standing (
            only_one smallint PRIMARY KEY CHECK (only_one = 1), intake text NOT NULL, outage_since_millis bigint);
        """
    ]

    /// Makes sure that the schema is of this version, migrating it where the access says so.
    static func check(_ connection: PostgresConnection, _ access: ReplicationAccess) throws {
        let found = try version(connection)
        guard found <= version else {
            throw ReplicationError(
                .incompatible,
                "schema \(name) at \(connection.address) was made by a newer Parley (version \(found), this one knows "
                    + "\(version)): use that one")
        }
        if found == version { return }
        guard access != .operate else {
            throw ReplicationError(
                found == 0 ? .missing : .incompatible,
                "schema \(name) at \(connection.address) is of version \(found), this Parley needs \(version): "
                    + "run parley migrate", isRetriable: true)
        }
        do { try migrate(connection) } catch let error as PostgresError where error.isDenied {
            throw ReplicationError(
                .notAllowed,
                "schema \(name) at \(connection.address) is of version \(found), this Parley needs \(version), and this "
                    + "role may not change it: run parley migrate as the role that owns it", cause: error)
        }
    }

    private static func version(_ connection: PostgresConnection) throws -> Int64 {
        let there = try connection.query(
            """
            SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = '\(name)' AND c.relname = 'schema_version'
            """)
        guard there.count == 1 else { return 0 }
        let found = try connection.query("SELECT what, version FROM \(name).schema_version")
        guard found.count == 1, found.text(0, 0) == "replication" else {
            throw ReplicationError(
                .incompatible, "schema \(name) at \(connection.address) is no replicator's: give another database")
        }
        return try found.int64(0, 1)
    }

    private static func migrate(_ connection: PostgresConnection) throws {
        try connection.transaction {
            try connection.run([.init("SELECT pg_advisory_xact_lock(hashtext('parley \(name)'), 1)")])
            // Another process may have migrated while this one waited for the lock.
            let current = try version(connection)
            let schema = try connection.query("SELECT 1 FROM pg_namespace WHERE nspname = '\(name)'")
            // Without the right to make schemas one can still own one that was made.
            if schema.count == 0 { try connection.execute("CREATE SCHEMA \(name)") }
            for migration in migrations.dropFirst(Int(current)) { try connection.execute(migration) }
            try connection.execute("UPDATE schema_version SET version = \(version)")
        }
    }
}
