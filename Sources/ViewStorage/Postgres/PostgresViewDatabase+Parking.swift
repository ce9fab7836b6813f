public import EventLog
import Messaging
import Postgres
import Projection

/// Records that wait for a person, and those behind them.
extension PostgresViewDatabase {
    struct Lane: Hashable {
        var topic: Topic
        var key: [UInt8]
    }

    /// Parks unreadable records and everything behind a parked one of the same lane; gives the rest.
    func park(
        _ batch: ProjectionBatch, _ parked: Set<Lane>, _ report: inout BatchReport
    ) -> ([LoggedRecord], [PostgresRequest]) {
        var lanes = parked
        var records: [LoggedRecord] = []
        records.reserveCapacity(batch.items.count)
        let rows = ParkedArrays()
        for item in batch.items {
            switch item {
            case .record(let logged) where lanes.isEmpty: records.append(logged)
            case .record(let logged):
                let topic: Topic = logged.record.command.isPersonal ? .memberCommands : .conversationCommands
                guard lanes.contains(Lane(topic: topic, key: logged.record.key.bytes)) else {
                    records.append(logged)
                    continue
                }
                let partition = TopicPartition(topic, logged.partition)
                rows.append(.parked(logged, in: partition, reason: "behind a parked record"))
            case .unreadable(let record):
                lanes.insert(Lane(topic: record.partition.topic, key: record.key))
                rows.append(record)
            }
        }
        report.parked += batch.items.count - records.count
        return (records, rows.requests)
    }

    private struct ParkedArrays {
        let keys = PartitionArrays()
        let offsets = PostgresArray(.int8)
        let lanes = PostgresArray(.bytea)
        let times = PostgresArray(.int8)
        let values = PostgresArray(.bytea)
        let reasons = PostgresArray(.text)

        func append(_ record: UnreadableRecord) {
            keys.append(record.partition)
            offsets.append(record.offset)
            lanes.append(record.key)
            times.append(record.appendTime)
            values.append(record.value)
            reasons.append(Array(record.reason.utf8))
        }

        var requests: [PostgresRequest] {
            guard offsets.count > 0 else { return [] }
            return [
                PostgresRequest(
                    """
                    INSERT INTO parked (topic, partition, record_offset, lane, append_time, value, reason)
                    SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
                    """, keys.both + [offsets, lanes, times, values, reasons])
            ]
        }
    }

    /// Parked records now, by partition.
    public func parkedCounts() throws -> [TopicPartition: Int64] {
        try explaining {
            let rows = try connection().query(
                "SELECT topic, partition, count(*) FROM parked GROUP BY topic, partition")
            var counts: [TopicPartition: Int64] = [:]
            for row in 0..<rows.count { counts[try rows.partition(row, 0)] = try rows.int64(row, 2) }
            return counts
        }
    }

    /// Commands of `conversation-commands` that wait for their message now, by partition.
    public func orphanCounts() throws -> [TopicPartition: Int64] {
        try explaining {
            let rows = try connection().query("SELECT partition, count(*) FROM orphan GROUP BY partition")
            var counts: [TopicPartition: Int64] = [:]
            for row in 0..<rows.count {
                counts[TopicPartition(.conversationCommands, try rows.int32(row, 0))] = try rows.int64(row, 1)
            }
            return counts
        }
    }
}
