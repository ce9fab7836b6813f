import Messaging

/// Writing the ids of what the rows became back into them.
extension LegacyStore {
    /// What a back-fill has done.
    public struct Backfilled: Hashable, Sendable {
        public var threads = 0
        public var copies = 0
        /// Ids that were there and were others: they are replaced.
        public var corrected = 0

        public init() {}
    }

    /// Rows of one transaction.
    private static var batchRows: Int64 { 2_000 }

    /// Puts conversation and message ids into every row that lacks them or has others.
    ///
    /// Versions stay and the outbox gets nothing, so it does not come back as writes. May be interrupted and run again,
    /// while others write.
    public func backfill(_ ids: LegacyIdentifiers, isStopped: () -> Bool = { false }) throws -> Backfilled {
        var done = Backfilled()
        var last: [UInt8] = []
        while !isStopped() {
            let page = try rows("SELECT thread_id, conversation_id FROM thread", key: "thread_id", after: last)
            guard let end = page.last else { break }
            try backfillThreads(page, ids, &done)
            last = end.key
        }
        last = []
        while !isStopped() {
            let page = try rows(
                "SELECT copy_id, message_id, thread_id, dedup_key, conversation_id FROM message_copy", key: "copy_id",
                after: last)
            guard let end = page.last else { break }
            try backfillCopies(page, ids, &done)
            last = end.key
        }
        return done
    }

    private struct BackfillRow {
        var key: [UInt8]
        var columns: [[UInt8]?]
    }

    private func rows(_ select: String, key: String, after last: [UInt8]) throws -> [BackfillRow] {
        try guarded {
            let rows = try database.rows(
                "\(select) WHERE \(key) > $1 ORDER BY \(key) LIMIT $2", [.text(last), .int(Self.batchRows)])
            return try (0..<rows.count).map { row in
                let columns = select.contains("message_copy") ? 5 : 2
                return BackfillRow(
                    key: try rows.text(row, 0), columns: try (1..<columns).map { try rows.optionalText(row, $0) })
            }
        }
    }

    private func backfillThreads(_ page: [BackfillRow], _ ids: LegacyIdentifiers, _ done: inout Backfilled) throws {
        let before = done
        try transaction {
            done = before
            for row in page {
                let conversation = Array(ids.conversation(thread: row.key).description.utf8)
                guard row.columns[0] != conversation else { continue }
                if row.columns[0] != nil { done.corrected += 1 }
                try database.run(
                    "UPDATE thread SET conversation_id = $1 WHERE thread_id = $2",
                    [.text(conversation), .text(row.key)])
                done.threads += 1
            }
        }
    }

    private func backfillCopies(_ page: [BackfillRow], _ ids: LegacyIdentifiers, _ done: inout Backfilled) throws {
        let before = done
        try transaction {
            done = before
            for row in page {
                guard let thread = row.columns[1], let key = row.columns[2] else { continue }
                let conversation = Array(ids.conversation(thread: thread).description.utf8)
                let message = Array(ids.message(thread: thread, deduplicationKey: key).description.utf8)
                guard row.columns[0] != message || row.columns[3] != conversation else { continue }
                if row.columns[0] != nil { done.corrected += 1 }
                try database.run(
                    "UPDATE message_copy SET conversation_id = $1, message_id = $2 WHERE copy_id = $3",
                    [.text(conversation), .text(message), .text(row.key)])
                done.copies += 1
            }
        }
    }
}
