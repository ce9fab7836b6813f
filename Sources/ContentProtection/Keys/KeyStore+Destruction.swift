import Glibc
import Messaging
import SQLite

extension KeyStore {
    /// Marks every key of these owners destroyed and overwrites it, in one transaction.
    /// - Returns: how many keys that were.
    func destroyKeys(of owners: [KeyOwner]) throws -> Int {
        defer { forgetMark() }
        return try connection.transaction {
            var destroyed = 0
            for owner in owners {
                for slot in try liveSlots(of: owner) {
                    try overwrite(slot)
                    destroyed += 1
                }
                let mark = try connection.statement(
                    "UPDATE owner_key SET destroyed = 1 WHERE owner_kind = ?1 AND owner = ?2 AND destroyed = 0")
                try bind(owner, to: mark)
                try mark.run()
            }
            if destroyed > 0 {
                try connection.execute("UPDATE store SET destructions = destructions + 1, scrub_due = 1")
            }
            return destroyed
        }
    }

    private func liveSlots(of owner: KeyOwner) throws -> [Int64] {
        let query = try connection.statement(
            "SELECT slot FROM owner_key WHERE owner_kind = ?1 AND owner = ?2 AND destroyed = 0")
        defer { query.reset() }
        try bind(owner, to: query)
        var slots: [Int64] = []
        while try query.step() { slots.append(query.int64(0)) }
        return slots
    }

    private func overwrite(_ slot: Int64) throws {
        let update = try connection.statement(
            "UPDATE wrapped_key SET wrapped = zeroblob(\(KeyStore.wrappedBytes)) WHERE slot = ?1")
        try update.bind(slot, at: 1)
        try update.run()
        guard connection.changes == 1 else { throw KeyStore.damaged(file, "slot \(slot) of a key is not there") }
    }

    /// Removes what the write-ahead log still holds of destroyed keys, if anything is due.
    ///
    /// - Returns: `false` when another connection kept the log in use; it stays due.
    func scrubIfDue() throws -> Bool {
        let due = try connection.queryInt64("SELECT destructions FROM store WHERE scrub_due = 1")
        guard let due else { return true }
        let checkpoint = try connection.statement("PRAGMA wal_checkpoint(TRUNCATE)")
        let isDone = try checkpoint.step() && checkpoint.int64(0) == 0
        checkpoint.reset()
        guard isDone else { return false }
        guard syncPath(file + "-wal", O_RDONLY | O_CLOEXEC) || errno == ENOENT else {
            throw ContentProtectionError(
                .keyStoreUnavailable, "the key store \(file) cannot be synced: \(reason(errno)); see to its disk")
        }
        // Another destruction since has made it due again.
        try connection.execute("UPDATE store SET scrub_due = 0 WHERE destructions = \(due)")
        return true
    }
}
