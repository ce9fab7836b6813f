import EventLog

/// The rows that one change of a thread writes, gathered and then written with their versions and outbox entries.
struct LegacyChange {
    let thread: [UInt8]
    /// The version of the first row, and the time of what is done: later than everything in the thread before.
    let now: Int64
    private(set) var rows: [(LegacyWrite.Operation, LegacyWrite.Row)] = []

    init(thread: [UInt8], now: Int64) {
        self.thread = thread
        self.now = now
    }

    mutating func write(_ operation: LegacyWrite.Operation, _ row: LegacyWrite.Row) {
        rows.append((operation, row))
    }
}

extension LegacyStore {
    /// Changes a thread: rows, versions and outbox in one transaction.
    ///
    /// - Returns: what was written, in the order of the versions.
    func change(
        _ thread: [UInt8], _ body: (inout LegacyChange) throws -> Void
    ) throws -> [LegacyWrite] {
        try transaction { try changeWithin(thread, body) }
    }

    /// The same within a transaction of the caller's.
    func changeWithin(_ thread: [UInt8], _ body: (inout LegacyChange) throws -> Void) throws -> [LegacyWrite] {
        let now = max(clock.nowMicros(), try lastVersion(thread) + 1)
        var change = LegacyChange(thread: thread, now: now)
        try body(&change)
        return try commit(change)
    }

    /// The last version given in a thread, 0 for a new one. Where several may write, nobody else writes in the thread
    /// from here to the end of the transaction.
    private func lastVersion(_ thread: [UInt8]) throws -> Int64 {
        if !database.lockClause.isEmpty {
            try database.run(
                "INSERT INTO thread_clock (thread_id, last_version) VALUES ($1, 0) ON CONFLICT (thread_id) DO NOTHING",
                [.text(thread)])
        }
        let rows = try database.rows(
            "SELECT last_version FROM thread_clock WHERE thread_id = $1\(database.lockClause)", [.text(thread)])
        return rows.count == 0 ? 0 : try rows.int(0, 0)
    }

    private func commit(_ change: LegacyChange) throws -> [LegacyWrite] {
        guard !change.rows.isEmpty else { return [] }
        var writes: [LegacyWrite] = []
        writes.reserveCapacity(change.rows.count)
        for (index, (operation, row)) in change.rows.enumerated() {
            let write = LegacyWrite(operation, row, sourceVersion: change.now + Int64(index))
            try save(write)
            writes.append(write)
        }
        try database.run(
            """
            INSERT INTO thread_clock (thread_id, last_version) VALUES ($1, $2)
            ON CONFLICT (thread_id) DO UPDATE SET last_version = excluded.last_version
            """, [.text(change.thread), .int(change.now + Int64(change.rows.count - 1))])
        return writes
    }

    private func save(_ write: LegacyWrite) throws {
        switch write.row {
        case .thread(let row): try save(row, version: write.sourceVersion)
        case .participant(let row): try save(row, version: write.sourceVersion)
        case .copy(let row): try save(row, version: write.sourceVersion)
        }
        try database.run(
            "INSERT INTO outbox (source_version, thread_id, image) VALUES ($1, $2, $3)",
            [.int(write.sourceVersion), .text(write.thread), .text(write.json())])
    }
}
