import EventLog
import Messaging
import SQLite

/// One row at a time.
extension SQLiteReplicationStore {
    func savePositions(_ positions: [TopicPartition: Int64]) throws {
        for (partition, offset) in positions {
            let statement = try connection.statement(
                """
                INSERT INTO position (partition, next_offset) VALUES (?1, ?2)
                ON CONFLICT (partition) DO UPDATE SET next_offset = ?2
                """)
            try statement.bind(Int64(partition.partition), at: 1)
            try statement.bind(offset, at: 2)
            try statement.run()
            // What lies below the position is never read again.
            try connection.execute(
                "DELETE FROM skipped WHERE partition = \(partition.partition) AND record_offset < \(offset)")
        }
    }

    func positions() throws -> [TopicPartition: Int64] {
        let statement = try connection.statement("SELECT partition, next_offset FROM position")
        var positions: [TopicPartition: Int64] = [:]
        while try statement.step() {
            positions[TopicPartition(.legacyWrites, Int32(statement.int64(0)))] = statement.int64(1)
        }
        return positions
    }

    func write(skipped record: LaneRecord) throws {
        let statement = try connection.statement(
            "INSERT INTO skipped (lane, partition, record_offset) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        try statement.bind(record, at: 1)
        try statement.run()
    }

    func park(_ record: LaneRecord, _ payload: Payload) throws {
        let statement = try connection.statement(
            """
            INSERT INTO parked (lane, partition, record_offset, append_micros, record_key, record_value)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        try statement.bind(record, at: 1)
        try statement.bind(payload.appendMicros, at: 4)
        try statement.bind(payload.key, at: 5)
        try statement.bind(payload.value, at: 6)
        try statement.run()
    }

    func unpark(_ record: LaneRecord) throws {
        let statement = try connection.statement(
            "DELETE FROM parked WHERE lane = ? AND partition = ? AND record_offset = ?")
        try statement.bind(record, at: 1)
        try statement.run()
    }

    func write(_ lane: StoredLane) throws {
        let statement = try connection.statement(
            """
            INSERT INTO lane (lane, is_dead, due_millis, attempts, failing_since_millis, class, cause)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (lane) DO UPDATE SET
                is_dead = ?2, due_millis = ?3, attempts = ?4, failing_since_millis = ?5, class = ?6, cause = ?7
            """)
        try statement.bind(lane.lane, at: 1)
        try statement.bind(Int64(lane.isDead ? 1 : 0), at: 2)
        try statement.bind(lane.dueMillis, at: 3)
        try statement.bind(Int64(lane.attempts), at: 4)
        try statement.bind(lane.failingSinceMillis, at: 5)
        try statement.bind(Int64(lane.failure.kind.rawValue), at: 6)
        try statement.bind(text: lane.failure.cause, at: 7)
        try statement.run()
    }

    func remove(_ lane: ConversationID) throws {
        let statement = try connection.statement("DELETE FROM lane WHERE lane = ?")
        try statement.bind(lane, at: 1)
        try statement.run()
    }

    func remove(_ request: LaneRequest) throws {
        let statement = try connection.statement("DELETE FROM request WHERE id = ?")
        try statement.bind(request.id, at: 1)
        try statement.run()
    }

    func add(_ count: Int64, to name: String) throws {
        let statement = try connection.statement(
            "INSERT INTO figure (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2")
        try statement.bind(text: name, at: 1)
        try statement.bind(count, at: 2)
        try statement.run()
    }

    func write(_ standing: ReplicationStanding) throws {
        let statement = try connection.statement(
            """
            INSERT INTO standing (only_one, intake, outage_since_millis) VALUES (1, ?1, ?2)
            ON CONFLICT (only_one) DO UPDATE SET intake = ?1, outage_since_millis = ?2
            """)
        try statement.bind(text: standing.intake, at: 1)
        try statement.bind(standing.outageSinceMillis, at: 2)
        try statement.run()
    }

    func lanes() throws -> [StoredLane] {
        let statement = try connection.statement(
            """
            SELECT lane, is_dead, due_millis, attempts, failing_since_millis, class, cause FROM lane ORDER BY lane
            """)
        var lanes: [StoredLane] = []
        while try statement.step() {
            guard let kind = LaneFailure.Class(rawValue: UInt8(clamping: statement.int64(5))) else {
                throw ReplicationError(.store, "\(connection.path): a lane failed in a class that is not known")
            }
            lanes.append(
                StoredLane(
                    lane: statement.conversation(0), isDead: statement.int64(1) != 0, dueMillis: statement.int64(2),
                    attempts: Int(statement.int64(3)), failingSinceMillis: statement.int64(4),
                    failure: LaneFailure(kind, statement.text(6))))
        }
        return lanes
    }
}

extension Statement {
    /// Lane, partition and offset, from this parameter on.
    func bind(_ record: LaneRecord, at index: Int) throws {
        try bind(record.lane, at: index)
        try bind(Int64(record.position.partition.partition), at: index + 1)
        try bind(record.position.offset, at: index + 2)
    }

    func bind(_ lane: ConversationID, at index: Int) throws {
        try bind(high: lane.value.high, low: lane.value.low, at: index)
    }

    func conversation(_ column: Int) -> ConversationID {
        guard let id = identifier(column) else { preconditionFailure("a lane's id is not 16 bytes") }
        return ConversationID(Identifier(high: id.high, low: id.low))
    }

    /// Partition and offset, in this column and the next.
    func position(_ column: Int) -> Position {
        Position(TopicPartition(.legacyWrites, Int32(int64(column))), int64(column + 1))
    }
}
