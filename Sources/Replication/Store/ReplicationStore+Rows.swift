import EventLog
import Messaging
import SQLite

/// One row at a time.
extension ReplicationStore {
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

    func write(skipped record: LaneRecord) throws {
        let statement = try connection.statement(
            "INSERT INTO skipped (partition, record_offset, lane) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
        try statement.bind(Int64(record.position.partition.partition), at: 1)
        try statement.bind(record.position.offset, at: 2)
        try statement.bind(record.lane, at: 3)
        try statement.run()
    }

    func park(_ record: LaneRecord, _ payload: Payload) throws {
        let statement = try connection.statement(
            """
            INSERT INTO parked (lane, partition, record_offset, append_micros, record_key, record_value)
            VALUES (?, ?, ?, ?, ?, ?)
            """)
        try statement.bind(record.lane, at: 1)
        try statement.bind(Int64(record.position.partition.partition), at: 2)
        try statement.bind(record.position.offset, at: 3)
        try statement.bind(payload.appendMicros, at: 4)
        try statement.bind(payload.key, at: 5)
        try statement.bind(payload.value, at: 6)
        try statement.run()
    }

    func unpark(_ position: Position) throws {
        let statement = try connection.statement("DELETE FROM parked WHERE partition = ? AND record_offset = ?")
        try statement.bind(Int64(position.partition.partition), at: 1)
        try statement.bind(position.offset, at: 2)
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
