import EventLog
import Messaging
import SQLite
import ViewStorage

/// Reads what the fold refused, by position.
struct RejectionQuery {
    private let everybodys: Statement
    private let ones: Statement
    private let counting: Statement
    private let conflicts: Statement

    init(_ connection: Connection) throws {
        let columns = "partition, record_offset, command, actor, name, conversation, reason, ord"
        let behind = "partition >= ?1 AND (partition > ?1 OR record_offset > ?2)"
        everybodys = try connection.prepare(
            "SELECT \(columns) FROM rejection WHERE \(behind) ORDER BY partition, record_offset LIMIT ?3")
        ones = try connection.prepare(
            """
            SELECT \(columns) FROM rejection INDEXED BY rejection_by_actor WHERE actor = ?4 AND \(behind)
            ORDER BY partition, record_offset LIMIT ?3
            """)
        counting = try connection.prepare("SELECT partition, count(*) FROM rejection GROUP BY partition")
        // The replicator's ids are UUIDs of version 8.
        conflicts = try connection.prepare(
            "SELECT count(*) FROM rejection WHERE reason = ? AND substr(hex(command), 13, 1) = '8'")
    }

    func page(of actor: MemberID?, after position: Position?, limit: Int) throws -> [RejectionEntry] {
        let statement = actor == nil ? everybodys : ones
        try statement.bind(Int64(position?.partition.partition ?? -1), at: 1)
        try statement.bind(position?.offset ?? -1, at: 2)
        try statement.bind(Int64(limit), at: 3)
        if let actor { try statement.bind(actor, at: 4) }
        var found: [RejectionEntry] = []
        try statement.forEachRow { found.append(try Self.entry(statement)) }
        return found
    }

    private static func entry(_ statement: Statement) throws -> RejectionEntry {
        return RejectionEntry(
            position: Position(partition(statement), statement.int64(1)), id: try statement.id(2),
            actor: try statement.id(3),
            command: statement.text(4), conversation: try statement.id(5), reason: try statement.word(6),
            ord: statement.int64(7))
    }

    func counts() throws -> [TopicPartition: Int64] {
        var counts: [TopicPartition: Int64] = [:]
        try counting.forEachRow { counts[Self.partition(counting)] = counting.int64(1) }
        return counts
    }

    func legacyVersionConflicts() throws -> Int64 {
        try conflicts.bind(Int64(RejectionReason.versionConflict.rawValue), at: 1)
        var count: Int64 = 0
        try conflicts.forEachRow { count = conflicts.int64(0) }
        return count
    }

    private static func partition(_ statement: Statement) -> TopicPartition {
        TopicPartition(.conversationCommands, Int32(truncatingIfNeeded: statement.int64(0)))
    }
}
