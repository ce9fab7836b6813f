public import EventLog
import Postgres
public import Projection

/// Leases by the server's clock, spread evenly over the projectors that are there.
extension PostgresViewDatabase {
    /// A lease as a claim finds it.
    private struct Found {
        var owner: LeaseOwner?
        var epoch: Int64
        /// Nobody owns it, its time is over, or its owner is known to be dead.
        var isFree: Bool
    }

    /// See `ViewStore.claim`. Of each topic an instance takes no more than its fair share, the partitions by the living
    /// instances, rounded up, and gives up what it has above it; so that who joins gets its share at the others' next claim,
    /// and what a dead one leaves is taken when its lease is over.
    ///
    /// The time is the server's. An owner that is stopped in the middle of a batch holds locks: its connection is ended once
    /// its lease is over.
    public func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        try explaining {
            let connection = try patientConnection()
            if self.leaseMicros != max(leaseMicros, 1_000_000) {
                self.leaseMicros = max(leaseMicros, 1_000_000)
                try limitIdling(connection)
            }
            do {
                try connection.run([.init("BEGIN"), lock(.claims)])
                try checkGeneration(connection)
                let leases = try findLeases(partitions, owner, connection)
                let living = try countInstances(partitions, owner, leaseMicros: leaseMicros, connection)
                let owned = try settle(partitions, leases, living, owner, leaseMicros, connection)
                try connection.run([.init("COMMIT")])
                return owned
            } catch {
                connection.rollback()
                throw error
            }
        }
    }

    private func findLeases(
        _ partitions: [TopicPartition], _ owner: LeaseOwner, _ connection: PostgresConnection
    ) throws -> [TopicPartition: Found] {
        var leases = try readLeases(connection)
        let missing = PartitionArrays()
        for partition in partitions where leases[partition] == nil {
            missing.append(partition)
            leases[partition] = Found(owner: nil, epoch: 0, isFree: true)
        }
        if missing.topics.count > 0 {
            try connection.run([
                .init(
                    """
                    INSERT INTO lease (topic, partition, owner, epoch, expires, backend)
                    SELECT topic, partition, NULL, 0, clock_timestamp(), 0 FROM unnest($1, $2) AS k (topic, partition)
                    """, missing.both)
            ])
        }
        return leases
    }

    private func readLeases(_ connection: PostgresConnection) throws -> [TopicPartition: Found] {
        let rows = try connection.query(
            "SELECT topic, partition, owner, epoch, expires <= clock_timestamp() FROM lease")
        var leases: [TopicPartition: Found] = [:]
        for row in 0..<rows.count {
            let owner = rows.isNull(row, 2) ? nil : LeaseOwner(text: rows.text(row, 2))
            let isOver = try rows.bool(row, 4) || owner.map(HostProcess.isDead) ?? true
            leases[try rows.partition(row, 0)] = Found(owner: owner, epoch: try rows.int64(row, 3), isFree: isOver)
        }
        return leases
    }

    /// Notes that this instance is there.
    /// - Returns: by topic, how many living instances want partitions of it, this one included.
    private func countInstances(
        _ partitions: [TopicPartition], _ owner: LeaseOwner, leaseMicros: Int64, _ connection: PostgresConnection
    ) throws -> [Topic: Int] {
        let topics = partitions.reduce(Int64(0)) { $0 | 1 << Int64($1.topic.rawValue) }
        var parameters = PostgresParameters()
        parameters.add(text: owner.text)
        parameters.add(topics)
        parameters.add(leaseMicros)
        // Nothing is written while more than two thirds of the time are left: claims are frequent.
        let found = try connection.run([
            .init(
                """
                UPDATE instance SET topics = $2, expires = clock_timestamp() + $3 * interval '1 microsecond'
                WHERE owner = $1 AND (topics <> $2
                    OR expires < clock_timestamp() + $3 * interval '1 microsecond' * 2 / 3)
                """, parameters),
            .init(
                """
                INSERT INTO instance (owner, topics, expires)
                SELECT $1, $2, clock_timestamp() + $3 * interval '1 microsecond'
                WHERE NOT EXISTS (SELECT 1 FROM instance WHERE owner = $1)
                """, parameters),
            .init("DELETE FROM instance WHERE expires < clock_timestamp() - interval '1 hour'"),
            .init("SELECT owner, topics FROM instance WHERE expires > clock_timestamp()"),
        ])[3]
        var living: [Topic: Int] = [:]
        for row in 0..<found.count {
            let other = LeaseOwner(text: found.text(row, 0))
            guard other != owner, !HostProcess.isDead(other) else { continue }
            let theirs = try found.int64(row, 1)
            for topic in Topic.allCases where theirs & 1 << Int64(topic.rawValue) != 0 {
                living[topic, default: 0] += 1
            }
        }
        for topic in Topic.allCases where topics & 1 << Int64(topic.rawValue) != 0 { living[topic, default: 0] += 1 }
        return living
    }

    /// Renews, takes and gives up.
    private func settle(
        _ partitions: [TopicPartition], _ leases: [TopicPartition: Found], _ living: [Topic: Int], _ owner: LeaseOwner,
        _ leaseMicros: Int64, _ connection: PostgresConnection
    ) throws -> [TopicPartition: Int64] {
        var owned: [TopicPartition: Int64] = [:]
        var (wanted, excess): ([TopicPartition], [TopicPartition]) = ([], [])
        for topic in Topic.allCases {
            let all = partitions.filter { $0.topic == topic }.sorted()
            guard !all.isEmpty else { continue }
            let instances = max(1, living[topic] ?? 1)
            let share = (all.count + instances - 1) / instances
            let mine = all.filter { leases[$0]?.owner == owner }
            for partition in mine.prefix(share) { owned[partition] = leases[partition]?.epoch }
            excess += mine.dropFirst(share)
            let free = all.filter { leases[$0]?.isFree ?? true && leases[$0]?.owner != owner }
            wanted += free.prefix(max(0, share - mine.count))
        }
        try giveUp(excess, owner, connection)
        try renew(owner, leaseMicros, connection)
        for (partition, epoch) in try take(wanted, leases, owner, leaseMicros, connection) { owned[partition] = epoch }
        return owned
    }

    private func giveUp(_ excess: [TopicPartition], _ owner: LeaseOwner, _ connection: PostgresConnection) throws {
        guard !excess.isEmpty else { return }
        let keys = PartitionArrays()
        excess.forEach(keys.append)
        var parameters = PostgresParameters(keys.both)
        parameters.add(text: owner.text)
        _ = try connection.query(
            """
            UPDATE lease l SET owner = NULL, expires = clock_timestamp() FROM unnest($1, $2) AS k (topic, partition)
            WHERE l.topic = k.topic AND l.partition = k.partition AND l.owner = $3
            """, parameters)
    }

    /// Who this connection is to the server.
    private static let thisBackend = """
        backend = pg_backend_pid(),
        backend_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
        """

    /// Writes nothing while there is more than two thirds of the time left.
    private func renew(_ owner: LeaseOwner, _ leaseMicros: Int64, _ connection: PostgresConnection) throws {
        var parameters = PostgresParameters()
        parameters.add(text: owner.text)
        parameters.add(leaseMicros)
        _ = try connection.query(
            """
            UPDATE lease SET expires = clock_timestamp() + $2 * interval '1 microsecond', \(Self.thisBackend)
            WHERE owner = $1 AND (backend <> pg_backend_pid()
                OR expires < clock_timestamp() + $2 * interval '1 microsecond' * 2 / 3)
            """, parameters)
    }

    /// Takes what is free; what a batch under way holds is left for the next time.
    private func take(
        _ wanted: [TopicPartition], _ leases: [TopicPartition: Found], _ owner: LeaseOwner, _ leaseMicros: Int64,
        _ connection: PostgresConnection
    ) throws -> [TopicPartition: Int64] {
        guard !wanted.isEmpty else { return [:] }
        let (keys, epochs) = (PartitionArrays(), PostgresArray(.int8))
        for partition in wanted {
            keys.append(partition)
            epochs.append(leases[partition]?.epoch ?? 0)
        }
        var parameters = PostgresParameters(keys.both + [epochs])
        parameters.add(text: owner.text)
        parameters.add(leaseMicros)
        let rows = try connection.run([
            .init(Self.endStoppedOwners, keys.both),
            .init(
                """
                WITH free AS (SELECT l.topic, l.partition FROM lease l
                    JOIN unnest($1, $2, $3) AS k (topic, partition, epoch)
                        ON l.topic = k.topic AND l.partition = k.partition AND l.epoch = k.epoch
                    FOR UPDATE OF l SKIP LOCKED)
                UPDATE lease l SET owner = $4, epoch = l.epoch + 1,
                    expires = clock_timestamp() + $5 * interval '1 microsecond', \(Self.thisBackend)
                FROM free WHERE l.topic = free.topic AND l.partition = free.partition
                RETURNING l.topic, l.partition, l.epoch
                """, parameters),
        ])[1]
        var taken: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count { taken[try rows.partition(row, 0)] = try rows.int64(row, 2) }
        return taken
    }

    /// Ends connections that are in a transaction and wait for their client, whose leases are over. The server lets a role
    /// do that to its own connections.
    private static let endStoppedOwners = """
        SELECT pg_terminate_backend(a.pid, 2000) FROM (SELECT DISTINCT l.backend, l.backend_start FROM lease l
            JOIN unnest($1, $2) AS k (topic, partition) ON l.topic = k.topic AND l.partition = k.partition
            WHERE l.expires <= clock_timestamp() AND l.backend <> pg_backend_pid()) AS l
        JOIN pg_stat_activity a ON a.pid = l.backend AND a.backend_start = l.backend_start
        WHERE a.usename = current_user AND a.xact_start IS NOT NULL
            AND (a.state <> 'active' OR a.wait_event_type = 'Client')
        """

    /// See `ViewStore.release`.
    public func release(owner: LeaseOwner) throws {
        try explaining {
            var parameters = PostgresParameters()
            parameters.add(text: owner.text)
            try connection().run([
                .init("UPDATE lease SET owner = NULL, expires = clock_timestamp() WHERE owner = $1", parameters),
                .init("DELETE FROM instance WHERE owner = $1", parameters),
            ])
        }
    }

    /// Every lease, by partition.
    public func leases() throws -> [LeaseRow] {
        try explaining {
            try readLeases(connection()).map { partition, lease in
                LeaseRow(partition: partition, owner: lease.isFree ? nil : lease.owner, epoch: lease.epoch)
            }.sorted { $0.partition < $1.partition }
        }
    }
}
