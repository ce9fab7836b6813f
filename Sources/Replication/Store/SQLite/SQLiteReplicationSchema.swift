/// The tables of the replicator's store in SQLite.
enum SQLiteReplicationSchema {
    /// Recognises the file: `application_id` of SQLite's header.
    static let applicationID: Int64 = 0x5041_524C
    static var version: Int64 { Int64(migrations.count) }

    /// The n-th brings a file from version n - 1 to version n. Never changed once released.
    static let migrations = [
        """
        CREATE TABLE position (
            partition INTEGER PRIMARY KEY,
            next_offset INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE lane (
            lane BLOB PRIMARY KEY,
            is_dead INTEGER NOT NULL,
            due_millis INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            failing_since_millis INTEGER NOT NULL,
            class INTEGER NOT NULL,
            cause TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE parked (
            lane BLOB NOT NULL,
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            append_micros INTEGER NOT NULL,
            record_key BLOB NOT NULL,
            record_value BLOB NOT NULL,
            PRIMARY KEY (lane, partition, record_offset)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX parked_place ON parked (partition, record_offset);
        CREATE TABLE skipped (
            partition INTEGER NOT NULL,
            record_offset INTEGER NOT NULL,
            lane BLOB NOT NULL,
            PRIMARY KEY (partition, record_offset)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE request (
            id INTEGER PRIMARY KEY,
            lane BLOB NOT NULL,
            skips_head INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY,
            at_millis INTEGER NOT NULL,
            action TEXT NOT NULL,
            lane BLOB NOT NULL,
            operator TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        """,
        // Parked records are found by their lane alone; requests get a rate and ids that are never used again.
        """
        DROP INDEX parked_place;
        DROP TABLE request;
        CREATE TABLE request (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            lane BLOB NOT NULL,
            skips_head INTEGER NOT NULL,
            records_per_second INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE figure (
            name TEXT PRIMARY KEY,
            value INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE standing (
            only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
            intake TEXT NOT NULL,
            outage_since_millis INTEGER
        ) STRICT;
        """,
    ]
}
