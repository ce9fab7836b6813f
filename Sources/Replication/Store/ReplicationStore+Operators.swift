public import EventLog
public import Messaging
import SQLite

/// What operators ask and see.
extension ReplicationStore {
    /// A lane with parked records, for people.
    public struct LaneSummary: Sendable, Equatable {
        public var lane: StoredLane
        public var parked: Int
        /// Append time of its oldest parked record, microseconds.
        public var oldestMicros: Int64
    }

    /// Lanes with parked records, by id.
    public func summaries() throws -> [LaneSummary] {
        try explaining {
            var counts: [ConversationID: (Int, Int64)] = [:]
            let statement = try connection.statement(
                "SELECT lane, count(*), min(append_micros) FROM parked GROUP BY lane")
            while try statement.step() {
                counts[statement.conversation(0)] = (Int(statement.int64(1)), statement.int64(2))
            }
            return try lanes().map { lane in
                let (parked, oldest) = counts[lane.lane] ?? (0, 0)
                return LaneSummary(lane: lane, parked: parked, oldestMicros: oldest)
            }
        }
    }

    /// A lane's parked records in order.
    public func parked(of lane: ConversationID) throws -> [(position: Position, payload: Payload)] {
        try explaining {
            let statement = try connection.statement(
                """
                SELECT partition, record_offset, record_key, record_value, append_micros FROM parked WHERE lane = ?
                ORDER BY partition, record_offset
                """)
            try statement.bind(lane, at: 1)
            var records: [(position: Position, payload: Payload)] = []
            while try statement.step() {
                records.append(
                    (
                        statement.position(0),
                        Payload(key: statement.bytes(2), value: statement.bytes(3), appendMicros: statement.int64(4))
                    ))
            }
            return records
        }
    }

    /// Leaves a request for each lane with an audit line, in one transaction; the replicator carries it out.
    public func request(
        _ lanes: [ConversationID], skipsHead: Bool, operator name: String, reason: String, nowMillis: Int64
    ) throws {
        guard !name.isEmpty, !skipsHead || !reason.isEmpty else {
            throw ReplicationError(.invalid, "skipping a record needs both who does it and why")
        }
        try explaining {
            try connection.transaction {
                for lane in lanes {
                    let request = try connection.statement("INSERT INTO request (lane, skips_head) VALUES (?, ?)")
                    try request.bind(lane, at: 1)
                    try request.bind(Int64(skipsHead ? 1 : 0), at: 2)
                    try request.run()
                    let audit = try connection.statement(
                        "INSERT INTO audit (at_millis, action, lane, operator, reason) VALUES (?, ?, ?, ?, ?)")
                    try audit.bind(nowMillis, at: 1)
                    try audit.bind(text: skipsHead ? "skipHead" : "redrive", at: 2)
                    try audit.bind(lane, at: 3)
                    try audit.bind(text: name, at: 4)
                    try audit.bind(text: reason, at: 5)
                    try audit.run()
                }
            }
        }
    }

    /// Requests not carried out yet, oldest first.
    public func requests() throws -> [LaneRequest] {
        try explaining {
            let statement = try connection.statement("SELECT id, lane, skips_head FROM request ORDER BY id LIMIT 10000")
            var requests: [LaneRequest] = []
            while try statement.step() {
                requests.append(
                    LaneRequest(
                        id: statement.int64(0), lane: statement.conversation(1), skipsHead: statement.int64(2) != 0))
            }
            return requests
        }
    }
}
