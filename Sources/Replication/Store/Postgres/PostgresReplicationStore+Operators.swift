public import EventLog
public import Messaging
import Postgres
import ViewStorage

/// What operators ask and see.
extension PostgresReplicationStore {
    public func summaries() throws -> [LaneSummary] {
        try again { connection in
            try connection.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                let rows = try connection.query("SELECT lane, count(*), min(append_micros) FROM parked GROUP BY lane")
                var counts: [ConversationID: (Int, Int64)] = [:]
                for row in 0..<rows.count {
                    counts[try rows.id(row, 0)] = (Int(try rows.int64(row, 1)), try rows.int64(row, 2))
                }
                return try lanes(connection).map { lane in
                    let (parked, oldest) = counts[lane.lane] ?? (0, 0)
                    return LaneSummary(lane: lane, parked: parked, oldestMicros: oldest)
                }
            }
        }
    }

    public func parked(of lane: ConversationID, after: Position?, limit: Int) throws -> [ParkedRecord] {
        var parameters = PostgresParameters()
        parameters.add(lane)
        parameters.add(Int64(after?.partition.partition ?? -1))
        parameters.add(after?.offset ?? -1)
        parameters.add(Int64(limit))
        return try again { connection in
            let rows = try connection.query(
                """
                SELECT partition, record_offset, record_key, record_value, append_micros FROM parked
                WHERE lane = $1 AND (partition, record_offset) > ($2, $3) ORDER BY partition, record_offset LIMIT $4
                """, parameters)
            return try (0..<rows.count).map { row in
                ParkedRecord(
                    position: try rows.legacyPosition(row, 0),
                    payload: Payload(
                        key: rows.bytes(row, 2), value: rows.bytes(row, 3), appendMicros: try rows.int64(row, 4)))
            }
        }
    }

    /// When the connection breaks meanwhile, whether it was left is not known: look with ``requests(after:limit:)``.
    public func request(_ lanes: [ConversationID], _ order: LaneOrder, nowMillis: Int64) throws {
        try check(order)
        let ids = PostgresArray(.uuid)
        lanes.forEach(ids.append)
        var request = PostgresParameters([ids])
        request.add(Int64(order.skipsHead ? 1 : 0))
        request.add(order.recordsPerSecond)
        var audit = PostgresParameters([ids])
        audit.add(nowMillis)
        audit.add(text: order.action)
        audit.add(text: order.operator)
        audit.add(text: order.reason)
        try explaining {
            let connection = try connection()
            _ = try connection.transaction {
                try connection.run([
                    // Ids must be seen in their order: the replicator asks for those after the last it saw.
                    .init("SELECT pg_advisory_xact_lock(hashtext('parley \(PostgresReplicationSchema.name)'), 2)"),
                    .init(
                        """
                        INSERT INTO request (lane, skips_head, records_per_second)
                        SELECT lane, $2::bigint, $3::bigint FROM unnest($1) AS k (lane)
                        """, request),
                    .init(
                        """
                        INSERT INTO audit (at_millis, action, lane, operator, reason)
                        SELECT $2::bigint, $3::text, lane, $4::text, $5::text FROM unnest($1) AS k (lane)
                        """, audit),
                ])
            }
        }
    }

    public func requests(after id: Int64, limit: Int) throws -> [LaneRequest] {
        var parameters = PostgresParameters()
        parameters.add(id)
        parameters.add(Int64(limit))
        return try again { connection in
            let rows = try connection.query(
                "SELECT id, lane, skips_head, records_per_second FROM request WHERE id > $1 ORDER BY id LIMIT $2",
                parameters)
            return try (0..<rows.count).map { row in
                LaneRequest(
                    id: try rows.int64(row, 0), lane: try rows.id(row, 1), skipsHead: try rows.bool(row, 2),
                    recordsPerSecond: try rows.int64(row, 3))
            }
        }
    }

    public func auditLines(limit: Int) throws -> [AuditLine] {
        var parameters = PostgresParameters()
        parameters.add(Int64(limit))
        return try again { connection in
            let rows = try connection.query(
                "SELECT at_millis, action, lane, operator, reason FROM audit ORDER BY id DESC LIMIT $1", parameters)
            return try (0..<rows.count).map { row in
                AuditLine(
                    atMillis: try rows.int64(row, 0), action: rows.text(row, 1), lane: try rows.id(row, 2),
                    operator: rows.text(row, 3), reason: rows.text(row, 4))
            }
        }
    }

    public func figures() throws -> ReplicationFigures {
        try again { connection in
            try connection.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                var figures = ReplicationFigures()
                figures.positions = try positions(connection)
                let counts = try connection.query("SELECT name, value FROM figure")
                for row in 0..<counts.count { figures.counts[counts.text(row, 0)] = try counts.int64(row, 1) }
                let standing = try connection.query("SELECT intake, outage_since_millis FROM standing")
                if standing.count == 1 {
                    figures.standing = ReplicationStanding(
                        intake: standing.text(0, 0), outageSinceMillis: try standing.optionalInt64(0, 1))
                }
                return figures
            }
        }
    }
}
