public import EventLog
public import Messaging
public import Postgres
public import Projection

/// Positions, attempts, parked records, and a batch's transaction.
extension PostgresViewDatabase {
    /// See `ViewStore.positions`.
    public func positions() throws -> [TopicPartition: Int64] {
        try explaining {
            try Self.positions(connection().query("SELECT topic, partition, next_offset FROM position"))
        }
    }

    /// See `ViewStore.attempts`.
    public func attempts() throws -> [Attempt] {
        try explaining {
            let rows = try connection().query(
                "SELECT topic, partition, from_offset, until_offset, deaths FROM attempt")
            return try (0..<rows.count).map { row in
                Attempt(
                    partition: try rows.partition(row, 0), from: try rows.int64(row, 2), until: try rows.int64(row, 3),
                    deaths: try rows.int32(row, 4))
            }
        }
    }

    /// See `ViewStore.begin`. The leases of what is begun are renewed: only a batch that takes longer than a lease can lose it.
    public func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {
        guard !attempts.isEmpty else { return }
        let (keys, current) = (PartitionArrays(), PostgresArray(.int8))
        let (from, until, deaths) = (PostgresArray(.int8), PostgresArray(.int8), PostgresArray(.int8))
        for attempt in attempts {
            keys.append(attempt.partition)
            current.append(epochs[attempt.partition] ?? -1)
            from.append(attempt.from)
            until.append(attempt.until)
            deaths.append(Int64(attempt.deaths))
        }
        var parameters = PostgresParameters(keys.both + [current, from, until, deaths])
        parameters.add(leaseMicros)
        try explaining {
            let written = try patientConnection().query(Self.beginning, parameters).affected
            guard written == attempts.count else { throw fenced(attempts.map(\.partition)) }
        }
    }

    /// Writes all attempts or, when an epoch is not current, none.
    private static let beginning = """
        WITH fence AS (
            UPDATE lease l SET expires = greatest(l.expires, clock_timestamp() + $7 * interval '1 microsecond')
            FROM unnest($1, $2, $3) AS k (topic, partition, epoch)
            WHERE l.topic = k.topic AND l.partition = k.partition AND l.epoch = k.epoch AND l.owner IS NOT NULL
            RETURNING 1)
        INSERT INTO attempt (topic, partition, from_offset, until_offset, deaths)
        SELECT * FROM unnest($1, $2, $4, $5, $6)
        WHERE (SELECT count(*) FROM fence) = cardinality($1)
        ON CONFLICT (topic, partition) DO UPDATE SET from_offset = excluded.from_offset,
            until_offset = excluded.until_offset, deaths = excluded.deaths
        """

    private func fenced(_ partitions: [TopicPartition]) -> ProjectionError {
        ProjectionError(
            .fenced,
            "\(partitions.sorted().map(\.description).joined(separator: ", ")) of the \(definition.projection.rawValue) "
                + "view: another projector has taken it, or a part of it: nothing was written", isRetriable: true)
    }

    // MARK: A batch

    /// A batch's transaction, as the view sees it.
    public struct Transaction {
        public let connection: PostgresConnection
        /// Others may have written rows since this store's last batch: what was kept of them is stale.
        public let isStale: Bool
        /// Ids of commands and of sent messages are taken for new and not looked up, which they are but for copies.
        ///
        /// A command that is not new cannot be stored twice, nor can a message: the batch fails then, and is applied again
        /// without this. What it would be mistaken about without storing anything, the view has to say (``Doubt``).
        public let assumesNewIDs: Bool
        /// Where the statements go that write the batch's rows. From the first on the connection is not to be used.
        public let sink: PostgresBatchSink
    }

    /// What a view throws when it may have been mistaken because ids were taken for new.
    public struct Doubt: Error {
        public init() {}
    }

    /// Runs a batch's transaction: checks epochs and positions, parks what must be parked, has the view make its changes,
    /// and moves the positions.
    ///
    /// Where partitions share rows, batches come one after another (a lock of the schema), and the first after another
    /// store's finds everything stale. Else only the owner of a partition writes its rows, and its epoch tells. A batch that
    /// was in another's way, or whose connection broke, is tried again; when it broke in the commit, the stored positions
    /// tell whether the batch happened.
    ///
    /// - Parameter body: loads what it needs, and gives the statements that write the rows to the sink; called again after a
    ///   conflict. That it has returned does not mean that the batch will be committed.
    /// - Throws: `ProjectionError`.
    public func apply(
        _ batch: ProjectionBatch,
        _ body: (Transaction, [LoggedRecord], inout BatchReport) throws -> Void
    ) throws -> BatchReport {
        let isLong = batch.items.count >= longBatch
        var assumesNewIDs = isLong && waryBatches == 0 && novelty == .unknown
        if isLong { waryBatches = max(0, waryBatches - 1) }
        var (isStale, failures) = (false, 0)
        while true {
            do {
                return try tryToApply(batch, isLong: isLong, isStale: isStale, assumesNewIDs: assumesNewIDs, body)
            } catch let error as PostgresError {
                if assumesNewIDs, error.isDuplicateKey {
                    (assumesNewIDs, waryBatches) = (false, Self.batchesToBeWary)
                } else {
                    guard error.isConflict || error.isConnectionGone, failures < Self.batchRetries else {
                        throw explain(error)
                    }
                    failures += 1
                }
            } catch is Doubt where assumesNewIDs {
                (assumesNewIDs, waryBatches) = (false, Self.batchesToBeWary)
            }
            isStale = true
        }
    }

    private func tryToApply(
        _ batch: ProjectionBatch, isLong: Bool, isStale: Bool, assumesNewIDs: Bool,
        _ body: (Transaction, [LoggedRecord], inout BatchReport) throws -> Void
    ) throws -> BatchReport {
        let connection = try patientConnection()
        let sink = PostgresBatchSink(connection, isLong: isLong)
        do {
            let (lanes, isMine) = try open(batch, connection)
            var report = BatchReport()
            let (records, parking) = park(batch, lanes, &report)
            let transaction = Transaction(
                connection: connection, isStale: isStale || !isMine, assumesNewIDs: assumesNewIDs, sink: sink)
            try body(transaction, records, &report)
            try commit(batch, sink.finish() + parking, isMine: isMine, connection)
            return report
        } catch {
            // The first failure is the one to tell.
            _ = try? sink.finish()
            connection.rollback()
            throw error
        }
    }

    /// Checks epochs and positions.
    /// - Returns: the lanes that are parked, and whether this store was the last to write.
    private func open(
        _ batch: ProjectionBatch, _ connection: PostgresConnection
    ) throws -> (lanes: Set<Lane>, isMine: Bool) {
        let keys = PartitionArrays()
        batch.moves.keys.sorted().forEach(keys.append)
        let first = [PostgresRequest("BEGIN")] + (definition.sharesRows ? [lock(.batches)] : [])
        let rest = [
            PostgresRequest(Self.fence, keys.both), PostgresRequest(Self.places, keys.both),
            PostgresRequest("SELECT DISTINCT topic, lane FROM parked"), PostgresRequest("SELECT token FROM writer"),
        ]
        // Behind the fence, so that it sees a swap that was waited for.
        let active = followsActive ? [PostgresRequest(generations.activeQuery)] : []
        var answers = Array(try connection.run(first + rest + active).suffix(4 + active.count))
        if followsActive { try checkGeneration(answers.removeLast()) }
        try check(batch, leases: answers[0], places: answers[1])
        let (parked, writer) = (answers[2], answers[3])
        var lanes: Set<Lane> = []
        for row in 0..<parked.count {
            lanes.insert(Lane(topic: try parked.word(row, 0), key: parked.bytes(row, 1)))
        }
        return (lanes, !definition.sharesRows || writer.count == 1 && writer.bytes(0, 0) == token)
    }

    /// Locks the leases until the commit, so that nobody takes one in the middle of a batch.
    private static let fence = """
        SELECT l.topic, l.partition, l.epoch, l.owner IS NOT NULL FROM unnest($1, $2) AS k (topic, partition)
        JOIN lease l ON l.topic = k.topic AND l.partition = k.partition FOR UPDATE OF l
        """

    /// A statement of its own, behind the locks: it sees what whoever held them before has committed.
    private static let places = """
        SELECT p.topic, p.partition, p.next_offset FROM unnest($1, $2) AS k (topic, partition)
        JOIN position p ON p.topic = k.topic AND p.partition = k.partition
        """

    private func check(_ batch: ProjectionBatch, leases: PostgresRows, places: PostgresRows) throws {
        try checkEpochs(batch, leases)
        let stored = try Self.positions(places)
        for (partition, move) in batch.moves where stored[partition] ?? 0 != move.from {
            throw ProjectionError(
                .fenced,
                "\(partition) of the \(definition.projection.rawValue) view stands at \(stored[partition] ?? 0), not at "
                    + "\(move.from): another projector went on; nothing of the batch was applied", isRetriable: true)
        }
    }

    private func checkEpochs(_ batch: ProjectionBatch, _ leases: PostgresRows) throws {
        guard leases.count == batch.moves.count else { throw fenced(Array(batch.moves.keys)) }
        for row in 0..<leases.count {
            let partition = try leases.partition(row, 0)
            guard try leases.bool(row, 3), try leases.int64(row, 2) == batch.epochs[partition] else {
                throw fenced([partition])
            }
        }
    }

    private static func positions(_ rows: PostgresRows) throws -> [TopicPartition: Int64] {
        var positions: [TopicPartition: Int64] = [:]
        for row in 0..<rows.count { positions[try rows.partition(row, 0)] = try rows.int64(row, 2) }
        return positions
    }

    private func commit(
        _ batch: ProjectionBatch, _ changes: [PostgresRequest], isMine: Bool, _ connection: PostgresConnection
    ) throws {
        let (keys, offsets) = (PartitionArrays(), PostgresArray(.int8))
        for (partition, move) in batch.moves {
            keys.append(partition)
            offsets.append(move.to)
        }
        var requests = changes
        if !isMine {
            var parameters = PostgresParameters()
            parameters.add(token)
            requests.append(PostgresRequest("UPDATE writer SET token = $1", parameters))
        }
        requests.append(
            PostgresRequest(
                """
                INSERT INTO position (topic, partition, next_offset) SELECT * FROM unnest($1, $2, $3)
                ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
                """, keys.both + [offsets]))
        requests.append(
            PostgresRequest(
                """
                DELETE FROM attempt a USING unnest($1, $2) AS k (topic, partition)
                WHERE a.topic = k.topic AND a.partition = k.partition
                """, keys.both))
        requests.append(PostgresRequest("COMMIT"))
        guard let failure = Self.failure(of: requests, connection) else { return }
        guard failure.isOutcomeUnknown, try hasHappened(batch) else { throw failure }
    }

    private static func failure(of requests: [PostgresRequest], _ connection: PostgresConnection) -> PostgresError? {
        do {
            try connection.run(requests)
            return nil
        } catch {
            return error
        }
    }

    /// Whether a commit whose answer was lost happened. Waits for the transaction in question to end: it may still hold its
    /// locks.
    /// - Throws: `ProjectionError` with `fenced` when others went on meanwhile.
    private func hasHappened(_ batch: ProjectionBatch) throws -> Bool {
        let keys = PartitionArrays()
        batch.moves.keys.sorted().forEach(keys.append)
        let connection = try patientConnection()
        defer { connection.rollback() }
        let answers = try connection.run([
            .init("BEGIN"), .init(Self.fence, keys.both), .init(Self.places, keys.both),
        ])
        // A partition that changed hands may stand where we wanted it, but not by us.
        try checkEpochs(batch, answers[1])
        let stored = try Self.positions(answers[2])
        if batch.moves.allSatisfy({ stored[$0.key] ?? 0 == $0.value.to }) { return true }
        guard batch.moves.allSatisfy({ stored[$0.key] ?? 0 == $0.value.from }) else {
            throw fenced(Array(batch.moves.keys))
        }
        return false
    }
}
