public import Postgres
import Projection

/// The generations of a view kept in PostgreSQL: a schema each, of which one is active.
///
/// `SCHEMA` is generation 1 and `SCHEMA_gN` generation N. The table `SCHEMA.generation`, which always stays, names the
/// active one; where it names none that is 1. It changes in one transaction, under the lock of all leases of the one that
/// was active: a batch of that one is committed before, or refused.
public struct PostgresGenerations: Sendable {
    /// The schema of generation 1.
    public let base: String

    public init(_ base: String) { self.base = base }

    public func schema(of generation: Int64) -> String { generation == 1 ? base : "\(base)_g\(generation)" }

    /// The table that says what is known of each generation.
    public var table: String { "\(base).generation" }

    /// The number of the active one.
    var activeQuery: String { "SELECT coalesce(max(number), 1) FROM \(table) WHERE state = 'active'" }

    /// - Returns: `nil` where the table is not there.
    public func active(_ connection: PostgresConnection) throws -> Int64? {
        guard try isThere("generation", in: base, connection) else { return nil }
        return try connection.query(activeQuery).int64(0, 0)
    }

    /// Whether a schema has a table of this name; also for a role that may not use the schema.
    public func isThere(_ table: String, in schema: String, _ connection: PostgresConnection) throws -> Bool {
        var parameters = PostgresParameters()
        parameters.add(text: schema)
        parameters.add(text: table)
        let found = try connection.query(
            """
            SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2
            """, parameters)
        return found.count == 1
    }

    /// Takes the lock of whoever makes schemas or tables, until the transaction ends.
    public var changing: PostgresRequest {
        var parameters = PostgresParameters()
        parameters.add(text: "parley \(base)")
        parameters.add(PostgresViewDatabase.LockName.migrations.rawValue)
        return PostgresRequest("SELECT pg_advisory_xact_lock(hashtext($1), $2::integer)", parameters)
    }

    /// Makes the table; only its owner may change it, whatever tables of the schema are granted by default.
    public var making: String {
        """
        CREATE TABLE \(table) (number bigint PRIMARY KEY, state text NOT NULL);
        CREATE UNIQUE INDEX generation_active ON \(table) (state) WHERE state = 'active';
        \(Self.copyGrants(from: "\(base).schema_version", to: table))
        DO $$ DECLARE other text; BEGIN
            FOR other IN SELECT DISTINCT \(Self.grantee) FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.oid = '\(table)'::regclass AND a.grantee <> c.relowner LOOP
                EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON \(table) FROM %s', other);
            END LOOP;
        END $$;
        """
    }

    private static let grantee =
        "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END"

    /// A script that gives a table what is granted on another.
    static func copyGrants(from one: String, to other: String) -> String {
        """
        DO $$ DECLARE g record; BEGIN
            FOR g IN SELECT a.privilege_type AS right, \(grantee) AS grantee FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.oid = to_regclass('\(one)') AND a.grantee <> c.relowner LOOP
                EXECUTE format('GRANT %s ON \(other) TO %s', g.right, g.grantee);
            END LOOP;
        END $$;
        """
    }

    /// A script that gives the schema of a generation, and the tables that its owner will make there, what is granted on
    /// that of the first.
    public func copyGrants(to generation: Int64) -> String {
        """
        DO $$ DECLARE g record; BEGIN
            FOR g IN SELECT a.privilege_type AS right, \(Self.grantee) AS grantee
                FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = '\(base)' AND a.grantee <> n.nspowner LOOP
                EXECUTE format('GRANT %s ON SCHEMA \(schema(of: generation)) TO %s', g.right, g.grantee);
            END LOOP;
            FOR g IN SELECT a.privilege_type AS right, \(Self.grantee) AS grantee
                FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) a
                WHERE n.nspname = '\(base)' AND d.defaclrole = n.nspowner AND d.defaclobjtype = 'r' LOOP
                EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA \(schema(of: generation)) GRANT %s ON TABLES TO %s',
                    g.right, g.grantee);
            END LOOP;
        END $$;
        """
    }

    /// A script that gives the tables of one generation what is granted on those of another, by name.
    public func copyTableGrants(from one: Int64, to other: Int64) -> String {
        """
        DO $$ DECLARE g record; BEGIN
            FOR g IN SELECT c.relname AS name, a.privilege_type AS right, \(Self.grantee) AS grantee
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
                WHERE n.nspname = '\(schema(of: one))' AND a.grantee <> c.relowner AND c.relkind = 'r'
                AND EXISTS (SELECT 1 FROM pg_class o JOIN pg_namespace m ON m.oid = o.relnamespace
                    WHERE m.nspname = '\(schema(of: other))' AND o.relname = c.relname) LOOP
                EXECUTE format('GRANT %s ON \(schema(of: other)).%I TO %s', g.right, g.name, g.grantee);
            END LOOP;
        END $$;
        """
    }

    /// A script that removes a generation. Of the first one the schema stays, with the table of generations.
    public func removal(of generation: Int64) -> String {
        let forget = "DELETE FROM \(table) WHERE number = \(generation);"
        guard generation == 1 else {
            return "\(forget) DROP SCHEMA IF EXISTS \(schema(of: generation)) CASCADE"
        }
        return """
            \(forget)
            DO $$ DECLARE name text; BEGIN
                FOR name IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = '\(base)' AND c.relkind = 'r' AND c.relname <> 'generation' LOOP
                    EXECUTE format('DROP TABLE \(base).%I', name);
                END LOOP;
            END $$
            """
    }
}
