public import EventLog
public import Postgres
import Projection

/// What is done to the active generation as a whole, while no projector can write to it.
extension PostgresViewDatabase {
    /// How long whoever wants the active generation for itself waits for a batch under way.
    private static let patienceMillis = 60_000

    /// Runs `body` in a transaction in which no projector can write to this generation, and no lease is taken.
    ///
    /// - Parameter body: given the connection and where the generation stands.
    public func holding(_ body: (PostgresConnection, [TopicPartition: Int64]) throws -> Void) throws {
        try explaining {
            let connection = try connection()
            _ = try connection.query(
                """
                SELECT set_config('lock_timeout', '\(Self.patienceMillis)', false),
                    set_config('idle_in_transaction_session_timeout', '\(Self.patienceMillis)', false)
                """)
            try connection.transaction {
                try connection.run([lock(.claims), .init("LOCK TABLE lease IN EXCLUSIVE MODE")])
                try checkGeneration(connection)
                try body(connection, try positions())
            }
        }
    }

    /// Makes another generation the active one: every projector of this one is refused from its next batch on.
    /// - Precondition: called inside ``holding(_:)``.
    public func giveWay(to next: Int64, _ connection: PostgresConnection) throws {
        let new = generations.schema(of: next)
        let behind = try connection.query(
            """
            SELECT count(*) FROM position p LEFT JOIN \(new).position n USING (topic, partition)
            WHERE p.next_offset <> coalesce(n.next_offset, 0)
            """)
        guard try behind.int64(0, 0) == 0 else {
            throw ProjectionError(
                .fenced,
                "generation \(next) of the \(definition.projection.rawValue) view does not stand where the active one does: "
                    + "nothing was swapped; try again", isRetriable: true)
        }
        try connection.execute(
            """
            UPDATE \(new).lease SET owner = NULL, expires = clock_timestamp();
            INSERT INTO \(new).lease (topic, partition, owner, epoch, expires, backend)
                SELECT topic, partition, NULL, epoch + 1, clock_timestamp(), 0 FROM lease
                ON CONFLICT (topic, partition) DO UPDATE SET epoch = greatest(\(new).lease.epoch, excluded.epoch);
            DELETE FROM \(new).instance;
            UPDATE lease SET owner = NULL, epoch = epoch + 1, expires = clock_timestamp()
            """)
        try generations.note(next, connection)
    }

    /// After rows were changed beside the projector: whatever it keeps of them is stale, and it must claim again.
    /// - Precondition: called inside ``holding(_:)``.
    public func outdateProjectors(_ connection: PostgresConnection) throws {
        try connection.execute("UPDATE lease SET epoch = epoch + 1; UPDATE writer SET token = ''")
    }
}

extension PostgresGenerations {
    /// Makes a generation the active one and keeps the present one as the previous.
    public func note(_ active: Int64, _ connection: PostgresConnection) throws {
        let before = try self.active(connection) ?? 1
        var notes = ""
        if try isThere("schema_version", in: schema(of: before), connection) {
            notes = """
                INSERT INTO \(table) VALUES (\(before), 'previous')
                    ON CONFLICT (number) DO UPDATE SET state = excluded.state;
                """
        }
        try connection.execute(
            """
            DELETE FROM \(table) WHERE number = \(before);
            \(notes)
            INSERT INTO \(table) VALUES (\(active), 'active')
                ON CONFLICT (number) DO UPDATE SET state = excluded.state
            """)
    }

    /// Notes what is known of a generation that is not active.
    public func note(_ generation: Int64, _ state: Generation.State, _ connection: PostgresConnection) throws {
        var parameters = PostgresParameters()
        parameters.add(generation)
        parameters.add(text: state.rawValue)
        _ = try connection.query(
            """
            INSERT INTO \(table) VALUES ($1, $2) ON CONFLICT (number) DO UPDATE SET state = excluded.state
            WHERE \(table).state <> 'active'
            """, parameters)
    }
}
