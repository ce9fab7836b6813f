public import EventLog
public import Messaging
import SQLite

/// What operators ask and see.
extension SQLiteReplicationStore {
    public func summaries() throws -> [LaneSummary] {
        try explaining {
            try connection.readTransaction {
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
    }

    public func parked(of lane: ConversationID, after: Position?, limit: Int) throws -> [ParkedRecord] {
        try explaining {
            let statement = try connection.statement(
                """
                SELECT partition, record_offset, record_key, record_value, append_micros FROM parked
                WHERE lane = ? AND (partition, record_offset) > (?, ?) ORDER BY partition, record_offset LIMIT ?
                """)
            try statement.bind(lane, at: 1)
            try statement.bind(Int64(after?.partition.partition ?? -1), at: 2)
            try statement.bind(after?.offset ?? -1, at: 3)
            try statement.bind(Int64(limit), at: 4)
            defer { statement.reset() }
            var records: [ParkedRecord] = []
            while try statement.step() {
                records.append(
                    ParkedRecord(
                        position: statement.position(0),
                        payload: Payload(
                            key: statement.bytes(2), value: statement.bytes(3), appendMicros: statement.int64(4))))
            }
            return records
        }
    }

    public func request(_ lanes: [ConversationID], _ order: LaneOrder, nowMillis: Int64) throws {
        try check(order)
        try explaining {
            try connection.transaction {
                let request = try connection.statement(
                    "INSERT INTO request (lane, skips_head, records_per_second) VALUES (?, ?, ?)")
                let audit = try connection.statement(
                    "INSERT INTO audit (at_millis, action, lane, operator, reason) VALUES (?, ?, ?, ?, ?)")
                for lane in lanes {
                    try request.bind(lane, at: 1)
                    try request.bind(Int64(order.skipsHead ? 1 : 0), at: 2)
                    try request.bind(order.recordsPerSecond, at: 3)
                    try request.run()
                    try audit.bind(nowMillis, at: 1)
                    try audit.bind(text: order.action, at: 2)
                    try audit.bind(lane, at: 3)
                    try audit.bind(text: order.operator, at: 4)
                    try audit.bind(text: order.reason, at: 5)
                    try audit.run()
                }
            }
        }
    }

    public func requests(after id: Int64, limit: Int) throws -> [LaneRequest] {
        try explaining {
            let statement = try connection.statement(
                "SELECT id, lane, skips_head, records_per_second FROM request WHERE id > ? ORDER BY id LIMIT ?")
            try statement.bind(id, at: 1)
            try statement.bind(Int64(limit), at: 2)
            defer { statement.reset() }
            var requests: [LaneRequest] = []
            while try statement.step() {
                requests.append(
                    LaneRequest(
                        id: statement.int64(0), lane: statement.conversation(1), skipsHead: statement.int64(2) != 0,
                        recordsPerSecond: statement.int64(3)))
            }
            return requests
        }
    }

    public func auditLines(limit: Int) throws -> [AuditLine] {
        try explaining {
            let statement = try connection.statement(
                "SELECT at_millis, action, lane, operator, reason FROM audit ORDER BY id DESC LIMIT ?")
            try statement.bind(Int64(limit), at: 1)
            defer { statement.reset() }
            var lines: [AuditLine] = []
            while try statement.step() {
                lines.append(
                    AuditLine(
                        atMillis: statement.int64(0), action: statement.text(1), lane: statement.conversation(2),
                        operator: statement.text(3), reason: statement.text(4)))
            }
            return lines
        }
    }

    public func figures() throws -> ReplicationFigures {
        try explaining {
            try connection.readTransaction {
                var figures = ReplicationFigures()
                figures.positions = try positions()
                let counts = try connection.statement("SELECT name, value FROM figure")
                while try counts.step() { figures.counts[counts.text(0)] = counts.int64(1) }
                let standing = try connection.statement("SELECT intake, outage_since_millis FROM standing")
                while try standing.step() {
                    figures.standing = ReplicationStanding(
                        intake: standing.text(0), outageSinceMillis: standing.optionalInt64(1))
                }
                return figures
            }
        }
    }
}
