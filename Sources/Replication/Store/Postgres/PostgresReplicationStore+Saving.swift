public import EventLog
import Messaging
import Postgres
import ViewStorage

/// What the replicator loads and stores: arrays of columns, a statement a table.
extension PostgresReplicationStore {
    public func load() throws -> StoredLanes {
        try again { connection in
            try connection.transaction("ISOLATION LEVEL REPEATABLE READ READ ONLY") {
                var stored = StoredLanes()
                stored.positions = try positions(connection)
                stored.lanes = try lanes(connection)
                let parked = try connection.query(
                    "SELECT lane, partition, record_offset FROM parked ORDER BY lane, partition, record_offset")
                stored.parked.reserveCapacity(parked.count)
                for row in 0..<parked.count {
                    stored.parked.append(
                        LaneRecord(lane: try parked.id(row, 0), position: try parked.legacyPosition(row, 1)))
                }
                let skipped = try connection.query("SELECT partition, record_offset FROM skipped")
                for row in 0..<skipped.count { stored.skipped.insert(try skipped.legacyPosition(row, 0)) }
                return stored
            }
        }
    }

    public func save(_ step: ReplicationStep, payload: (Position) -> Payload?) throws {
        guard !step.isEmpty else { return }
        let requests = step.requests(payload)
        try again { connection in
            do {
                let began = HostProcess.microsSinceBoot()
                // The fence holds the lease's row: a try whose connection broke is over before this one goes on.
                try passed(connection.run([.init("BEGIN"), fence()])[1], began: began)
                try connection.run(requests + [.init("COMMIT")])
            } catch {
                connection.rollback()
                throw error
            }
        }
    }

    public func payloads(of records: [LaneRecord]) throws -> [Payload] {
        guard !records.isEmpty else { return [] }
        let keys = RecordArrays()
        records.forEach(keys.append)
        return try again { connection in
            let rows = try connection.query(
                """
                SELECT k.n, p.record_key, p.record_value, p.append_micros
                FROM unnest($1, $2, $3) WITH ORDINALITY AS k (lane, partition, record_offset, n)
                JOIN parked p ON p.lane = k.lane AND p.partition = k.partition AND p.record_offset = k.record_offset
                """, PostgresParameters(keys.all))
            var payloads = [Payload?](repeating: nil, count: records.count)
            for row in 0..<rows.count {
                payloads[Int(try rows.int64(row, 0)) - 1] = Payload(
                    key: rows.bytes(row, 1), value: rows.bytes(row, 2), appendMicros: try rows.int64(row, 3))
            }
            return try zip(records, payloads).map { record, payload in
                guard let payload else { throw ReplicationError.isNotParked(record) }
                return payload
            }
        }
    }

    func positions(_ connection: PostgresConnection) throws -> [TopicPartition: Int64] {
        let rows = try connection.query("SELECT partition, next_offset FROM position")
        var positions: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count {
            positions[TopicPartition(.legacyWrites, try rows.int32(row, 0))] = try rows.int64(row, 1)
        }
        return positions
    }

    func lanes(_ connection: PostgresConnection) throws -> [StoredLane] {
        let rows = try connection.query(
            """
            SELECT lane, is_dead, due_millis, attempts, failing_since_millis, class, cause FROM lane ORDER BY lane
            """)
        return try (0..<rows.count).map { row in
            StoredLane(
                lane: try rows.id(row, 0), isDead: try rows.bool(row, 1), dueMillis: try rows.int64(row, 2),
                attempts: Int(try rows.int64(row, 3)), failingSinceMillis: try rows.int64(row, 4),
                failure: LaneFailure(try rows.word(row, 5), rows.text(row, 6)))
        }
    }
}

/// Lanes, partitions and offsets as three arrays.
struct RecordArrays {
    let lanes = PostgresArray(.uuid)
    let partitions = PostgresArray(.int8)
    let offsets = PostgresArray(.int8)

    func append(_ record: LaneRecord) {
        lanes.append(record.lane)
        partitions.append(Int64(record.position.partition.partition))
        offsets.append(record.position.offset)
    }

    var all: [PostgresArray] { [lanes, partitions, offsets] }
}

extension PostgresRows {
    /// Partition and offset, in this column and the next.
    func legacyPosition(_ row: Int, _ column: Int) throws -> Position {
        Position(TopicPartition(.legacyWrites, try int32(row, column)), try int64(row, column + 1))
    }
}

extension ReplicationStep {
    /// The statements of a step. Run again, they change nothing more but the counts.
    fileprivate func requests(_ payload: (Position) -> Payload?) -> [PostgresRequest] {
        positionRequests + skippedRequests + parkedRequests(payload) + laneRequests + figureRequests
    }

    private var positionRequests: [PostgresRequest] {
        guard !changes.positions.isEmpty else { return [] }
        let (partitions, offsets) = (PostgresArray(.int8), PostgresArray(.int8))
        for (partition, offset) in changes.positions {
            partitions.append(Int64(partition.partition))
            offsets.append(offset)
        }
        return [
            PostgresRequest(
                """
                INSERT INTO position (partition, next_offset) SELECT * FROM unnest($1, $2)
                ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset
                """, [partitions, offsets]),
            // What lies below the position is never read again.
            PostgresRequest(
                """
                DELETE FROM skipped s USING unnest($1, $2) AS k (partition, next_offset)
                WHERE s.partition = k.partition AND s.record_offset < k.next_offset
                """, [partitions, offsets]),
        ]
    }

    private var skippedRequests: [PostgresRequest] {
        guard !changes.skipped.isEmpty else { return [] }
        let rows = RecordArrays()
        changes.skipped.forEach(rows.append)
        return [
            PostgresRequest(
                """
                INSERT INTO skipped (lane, partition, record_offset) SELECT * FROM unnest($1, $2, $3)
                ON CONFLICT DO NOTHING
                """, rows.all)
        ]
    }

    private func parkedRequests(_ payload: (Position) -> Payload?) -> [PostgresRequest] {
        var requests: [PostgresRequest] = []
        if !changes.parked.isEmpty {
            let rows = RecordArrays()
            let (times, keys, values) = (PostgresArray(.int8), PostgresArray(.bytea), PostgresArray(.bytea))
            for record in changes.parked {
                let bytes = payloadInHand(record, payload)
                rows.append(record)
                times.append(bytes.appendMicros)
                keys.append(bytes.key)
                values.append(bytes.value)
            }
            requests.append(
                PostgresRequest(
                    """
                    INSERT INTO parked (lane, partition, record_offset, append_micros, record_key, record_value)
                    SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
                    """, rows.all + [times, keys, values]))
        }
        if !changes.removed.isEmpty {
            let rows = RecordArrays()
            changes.removed.forEach(rows.append)
            requests.append(
                PostgresRequest(
                    """
                    DELETE FROM parked p USING unnest($1, $2, $3) AS k (lane, partition, record_offset)
                    WHERE p.lane = k.lane AND p.partition = k.partition AND p.record_offset = k.record_offset
                    """, rows.all))
        }
        return requests
    }

    private var laneRequests: [PostgresRequest] {
        var requests: [PostgresRequest] = []
        if !changes.lanes.isEmpty {
            let (lanes, causes) = (PostgresArray(.uuid), PostgresArray(.text))
            let numbers = (0..<5).map { _ in PostgresArray(.int8) }
            for row in changes.lanes {
                lanes.append(row.lane)
                numbers[0].append(row.isDead)
                numbers[1].append(row.dueMillis)
                numbers[2].append(Int64(row.attempts))
                numbers[3].append(row.failingSinceMillis)
                numbers[4].append(Int64(row.failure.kind.rawValue))
                // PostgreSQL takes no NUL in text.
                causes.append(row.failure.cause.utf8.map { $0 == 0 ? UInt8(ascii: "?") : $0 })
            }
            requests.append(
                PostgresRequest(
                    """
                    INSERT INTO lane (lane, is_dead, due_millis, attempts, failing_since_millis, class, cause)
                    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
                    ON CONFLICT (lane) DO UPDATE SET is_dead = excluded.is_dead, due_millis = excluded.due_millis,
                        attempts = excluded.attempts, failing_since_millis = excluded.failing_since_millis,
                        class = excluded.class, cause = excluded.cause
                    """, [lanes] + numbers + [causes]))
        }
        if !changes.goneLanes.isEmpty {
            let lanes = PostgresArray(.uuid)
            changes.goneLanes.forEach(lanes.append)
            requests.append(
                PostgresRequest("DELETE FROM lane l USING unnest($1) AS k (lane) WHERE l.lane = k.lane", [lanes]))
        }
        return requests
    }

    private var figureRequests: [PostgresRequest] {
        var requests: [PostgresRequest] = []
        if !handled.isEmpty {
            let ids = PostgresArray(.int8)
            for request in handled { ids.append(request.id) }
            requests.append(
                PostgresRequest("DELETE FROM request r USING unnest($1) AS k (id) WHERE r.id = k.id", [ids]))
        }
        if !counts.isEmpty {
            let (names, values) = (PostgresArray(.text), PostgresArray(.int8))
            for (name, value) in counts {
                names.append(Array(name.utf8))
                values.append(value)
            }
            requests.append(
                PostgresRequest(
                    """
                    INSERT INTO figure AS f (name, value) SELECT * FROM unnest($1, $2)
                    ON CONFLICT (name) DO UPDATE SET value = f.value + excluded.value
                    """, [names, values]))
        }
        if let standing {
            var parameters = PostgresParameters()
            parameters.add(text: standing.intake)
            parameters.add(standing.outageSinceMillis)
            requests.append(
                PostgresRequest(
                    """
                    INSERT INTO standing (only_one, intake, outage_since_millis) VALUES (1, $1, $2)
                    ON CONFLICT (only_one) DO UPDATE SET intake = excluded.intake,
                        outage_since_millis = excluded.outage_since_millis
                    """, parameters))
        }
        return requests
    }
}
