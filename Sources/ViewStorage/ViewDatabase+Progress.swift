public import EventLog
public import Messaging
public import Projection
import SQLite

/// Positions, attempts, parked records.
extension ViewDatabase {
    /// See `ViewStore.positions`.
    public func positions() throws -> [TopicPartition: Int64] {
        try explaining {
            let query = try connection.statement("SELECT topic, partition, next_offset FROM position")
            defer { query.reset() }
            var positions: [TopicPartition: Int64] = [:]
            while try query.step() { positions[try query.partition(0)] = query.int64(2) }
            return positions
        }
    }

    /// See `ViewStore.attempts`.
    public func attempts() throws -> [Attempt] {
        try explaining {
            let query = try connection.statement(
                "SELECT topic, partition, from_offset, until_offset, deaths FROM attempt")
            defer { query.reset() }
            var attempts: [Attempt] = []
            while try query.step() {
                attempts.append(
                    Attempt(
                        partition: try query.partition(0), from: query.int64(2), until: query.int64(3),
                        deaths: Int32(truncatingIfNeeded: query.int64(4))))
            }
            return attempts
        }
    }

    /// See `ViewStore.begin`.
    public func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        try write {
            try checkEpochs(of: attempts.map(\.partition), epochs)
            let insert = try connection.statement(
                """
                INSERT INTO attempt (topic, partition, from_offset, until_offset, deaths) VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT DO UPDATE SET from_offset = ?3, until_offset = ?4, deaths = ?5
                """)
            for attempt in attempts {
                try insert.bind(attempt.partition)
                try insert.bind(attempt.from, at: 3)
                try insert.bind(attempt.until, at: 4)
                try insert.bind(Int64(attempt.deaths), at: 5)
                try insert.run()
            }
        }
    }

    /// Runs a batch's transaction: checks epochs and positions, parks what must be parked, has the view apply the rest,
    /// and moves the positions.
    ///
    /// - Parameter body: writes the rows of the records it is given.
    public func apply(
        _ batch: ProjectionBatch, _ body: ([LoggedRecord], inout BatchReport) throws -> Void
    ) throws -> BatchReport {
        try write {
            try checkEpochs(of: batch.moves.keys, batch.epochs)
            let stored = try positions()
            for (partition, move) in batch.moves where stored[partition] ?? 0 != move.from {
                throw ProjectionError(
                    .fenced,
                    "\(partition) of the \(definition.projection.rawValue) view stands at \(stored[partition] ?? 0), not at "
                        + "\(move.from): another projector went on; nothing of the batch was applied", isRetriable: true
                )
            }
            var report = BatchReport()
            let records = try parking(batch, &report)
            try body(records, &report)
            try move(batch)
            return report
        }
    }

    /// Parks unreadable records and everything behind a parked one of the same lane; gives the rest.
    private func parking(_ batch: ProjectionBatch, _ report: inout BatchReport) throws -> [LoggedRecord] {
        var lanes = try parkedLanes()
        var records: [LoggedRecord] = []
        records.reserveCapacity(batch.items.count)
        for item in batch.items {
            switch item {
            case .record(let logged):
                let topic: Topic = logged.record.command.isPersonal ? .memberCommands : .conversationCommands
                guard !lanes.isEmpty, lanes.contains(Lane(topic: topic, key: logged.record.key.bytes)) else {
                    records.append(logged)
                    continue
                }
                let partition = TopicPartition(topic, logged.partition)
                try park(.parked(logged, in: partition, reason: UnreadableRecord.behind))
            case .unreadable(let record):
                lanes.insert(Lane(topic: record.partition.topic, key: record.key))
                try park(record)
            }
        }
        report.parked += batch.items.count - records.count
        return records
    }

    private struct Lane: Hashable {
        var topic: Topic
        var key: [UInt8]
    }

    private func parkedLanes() throws -> Set<Lane> {
        let query = try connection.statement("SELECT DISTINCT topic, lane FROM parked")
        defer { query.reset() }
        var lanes: Set<Lane> = []
        while try query.step() { lanes.insert(Lane(topic: try query.topic(0), key: query.bytes(1))) }
        return lanes
    }

    private func park(_ record: UnreadableRecord) throws {
        let insert = try connection.statement(
            """
            INSERT INTO parked (topic, partition, record_offset, lane, append_time, value, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(record.partition)
        try insert.bind(record.offset, at: 3)
        try insert.bind(record.key, at: 4)
        try insert.bind(record.appendTime, at: 5)
        try insert.bind(record.value, at: 6)
        try insert.bind(text: record.reason, at: 7)
        try insert.run()
    }

    private func move(_ batch: ProjectionBatch) throws {
        let position = try connection.statement(
            """
            INSERT INTO position (topic, partition, next_offset) VALUES (?1, ?2, ?3)
            ON CONFLICT DO UPDATE SET next_offset = ?3
            """)
        let forget = try connection.statement("DELETE FROM attempt WHERE topic = ? AND partition = ?")
        for (partition, move) in batch.moves {
            try position.bind(partition)
            try position.bind(move.to, at: 3)
            try position.run()
            try forget.bind(partition)
            try forget.run()
        }
    }

    /// Parked records now, by partition.
    public func parkedCounts() throws -> [TopicPartition: Int64] {
        try explaining {
            let query = try connection.statement(
                "SELECT topic, partition, count(*) FROM parked GROUP BY topic, partition")
            defer { query.reset() }
            var counts: [TopicPartition: Int64] = [:]
            while try query.step() { counts[try query.partition(0)] = query.int64(2) }
            return counts
        }
    }

    /// Commands of `conversation-commands` that wait for their message now, by partition.
    public func orphanCounts() throws -> [TopicPartition: Int64] {
        try explaining {
            let query = try connection.statement("SELECT partition, count(*) FROM orphan GROUP BY partition")
            var counts: [TopicPartition: Int64] = [:]
            try query.forEachRow {
                let partition = TopicPartition(.conversationCommands, Int32(truncatingIfNeeded: query.int64(0)))
                counts[partition] = query.int64(1)
            }
            return counts
        }
    }
}
