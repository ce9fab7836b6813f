public import EventLog
import Glibc
public import Projection
import SQLite

/// One partition's lease as it stands.
public struct LeaseRow: Sendable, Equatable {
    public var partition: TopicPartition
    /// `nil` when nobody owns it.
    public var owner: LeaseOwner?
    public var epoch: Int64
}

extension ViewDatabase {
    /// See `ViewStore.claim`. Time is the machine's time since boot, so a clock that is set changes nothing.
    public func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        let boot = HostProcess.bootID
        let now = HostProcess.microsSinceBoot()
        return try write {
            var owned: [TopicPartition: Int64] = [:]
            let find = try connection.statement(
                "SELECT owner, epoch, boot, expires FROM lease WHERE topic = ? AND partition = ?")
            let take = try connection.statement(
                """
                INSERT INTO lease (topic, partition, owner, epoch, boot, expires) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                ON CONFLICT DO UPDATE SET owner = ?3, epoch = ?4, boot = ?5, expires = ?6
                """)
            for partition in partitions {
                try find.bind(partition)
                var epoch: Int64 = 0
                if try find.step() {
                    epoch = find.int64(1)
                    let current = find.isNull(0) ? nil : LeaseOwner(text: find.text(0))
                    let isOver = find.text(2) != boot || find.int64(3) <= now
                    find.reset()
                    if let current, current != owner {
                        guard isOver || HostProcess.isDead(current) else { continue }
                        epoch += 1
                    } else if current == nil {
                        epoch += 1
                    }
                } else {
                    find.reset()
                    epoch = 1
                }
                try take.bind(partition)
                try take.bind(text: owner.text, at: 3)
                try take.bind(epoch, at: 4)
                try take.bind(text: boot, at: 5)
                try take.bind(now + leaseMicros, at: 6)
                try take.run()
                owned[partition] = epoch
            }
            return owned
        }
    }

    /// See `ViewStore.release`.
    public func release(owner: LeaseOwner) throws {
        try write {
            let release = try connection.statement("UPDATE lease SET owner = NULL, expires = 0 WHERE owner = ?")
            try release.bind(text: owner.text, at: 1)
            try release.run()
        }
    }

    /// Every lease, by partition.
    public func leases() throws -> [LeaseRow] {
        let (boot, now) = (HostProcess.bootID, HostProcess.microsSinceBoot())
        return try explaining {
            let query = try connection.statement("SELECT topic, partition, owner, epoch, boot, expires FROM lease")
            defer { query.reset() }
            var rows: [LeaseRow] = []
            while try query.step() {
                var owner = query.isNull(2) ? nil : LeaseOwner(text: query.text(2))
                if query.text(4) != boot || query.int64(5) <= now { owner = nil }
                if let named = owner, HostProcess.isDead(named) { owner = nil }
                rows.append(LeaseRow(partition: try query.partition(0), owner: owner, epoch: query.int64(3)))
            }
            return rows.sorted { $0.partition < $1.partition }
        }
    }

    /// The epoch check of every view transaction.
    /// - Throws: `ProjectionError` with code `fenced` when an epoch is not current.
    func checkEpochs(of partitions: some Sequence<TopicPartition>, _ epochs: [TopicPartition: Int64]) throws {
        let find = try connection.statement("SELECT epoch, owner FROM lease WHERE topic = ? AND partition = ?")
        for partition in partitions {
            try find.bind(partition)
            defer { find.reset() }
            let found = try find.step() ? find.int64(0) : nil
            guard let found, found == epochs[partition], !find.isNull(1) else {
                throw ProjectionError(
                    .fenced,
                    "\(partition) of the \(definition.projection.rawValue) view was taken by another projector "
                        + "(epoch \(found ?? 0), ours \(epochs[partition] ?? 0)): nothing was written",
                    isRetriable: true)
            }
        }
    }
}
