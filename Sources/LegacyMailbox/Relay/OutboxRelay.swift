public import EventLog
import Glibc
import Wire

/// Carries the outbox to the topic `legacy-writes`: at least once, each thread's writes in the order of their versions.
///
/// An entry leaves the outbox after its record is durable; whatever ends the relay in between, the entry is appended
/// again. One relay at a time: the store's lock keeps a second one out, because two could swap batches.
public final class OutboxRelay {
    /// How the records look.
    public enum Form: String, Sendable, CaseIterable { case protobuf, json }

    /// Limits of one batch.
    static let batchEntries: Int64 = 1_000
    static let batchBytes = 8 << 20

    private let store: LegacyStore
    private let log: any EventLog
    private let form: Form
    /// Records appended since the start.
    public private(set) var relayed = 0

    /// - Throws: `LegacyError` with `busy` when another relay is at work.
    public init(_ store: LegacyStore, log: any EventLog, form: Form = .protobuf) throws {
        self.store = store
        self.log = log
        self.form = form
        guard try store.guarded({ try store.database.lockRelay() }) else {
            throw LegacyError(.busy, "another relay is at work on this legacy store: stop it first", isRetriable: true)
        }
    }

    deinit { store.database.unlockRelay() }

    /// Moves one batch.
    /// - Returns: how many entries; 0 when the outbox is empty.
    /// - Throws: `LegacyError`, `LogError`; nothing is lost then, call again.
    public func moveBatch() throws -> Int {
        let entries = try read()
        guard !entries.isEmpty else { return 0 }
        var batch = AppendBatch()
        for entry in entries {
            let key = entry.thread
            let partition = key.withUnsafeBytes {
                Partitioner.partition(of: $0, count: log.partitionCounts.legacyWrites)
            }
            let value = form == .json ? entry.image : try LegacyWrite(json: entry.image).protobuf()
            batch.add(to: TopicPartition(.legacyWrites, partition), key: key, value: value)
        }
        _ = try log.append(batch)
        try remove(entries)
        relayed += entries.count
        return entries.count
    }

    /// Moves everything that is in the outbox, and with a wait also what comes.
    ///
    /// A log that is unavailable for a while is asked again, with pauses that grow to five seconds.
    /// - Parameters:
    ///   - once: end when the outbox is empty.
    ///   - isStopped: asked between batches and pauses.
    ///   - waits: told of each failure that will be tried again.
    public func run(once: Bool, isStopped: () -> Bool, waits: (any Error) -> Void = { _ in }) throws {
        var failures = 0
        while !isStopped() {
            do {
                let moved = try moveBatch()
                failures = 0
                if moved == 0 {
                    if once { return }
                    usleep(20_000)
                }
            } catch  where !once && Self.isRetriable(error) {
                waits(error)
                failures = min(failures + 1, 7)
                let pauseEnd = 40_000 << failures
                for _ in stride(from: 0, to: pauseEnd, by: 40_000) where !isStopped() { usleep(40_000) }
            }
        }
    }

    private static func isRetriable(_ error: any Error) -> Bool {
        switch error {
        case let error as LogError: error.isRetriable || error.outcomeUnknown || error.code == .unavailable
        // A store that is gone took the relay's lock with it: end, and let a new relay ask for it again.
        case let error as LegacyError: error.isRetriable && error.code != .unreachable
        default: false
        }
    }

    private struct Entry {
        var version: Int64
        var thread: [UInt8]
        var image: [UInt8]
    }

    /// Within a thread whatever has a lower version was committed before: the order of versions misses nothing.
    private func read() throws -> [Entry] {
        try store.guarded {
            let rows = try store.database.rows(
                "SELECT source_version, thread_id, image FROM outbox ORDER BY source_version, thread_id LIMIT $1",
                [.int(Self.batchEntries)])
            var (entries, bytes): ([Entry], Int) = ([], 0)
            for row in 0..<rows.count {
                let entry = Entry(
                    version: try rows.int(row, 0), thread: try rows.text(row, 1), image: try rows.text(row, 2))
                bytes += entry.image.count + entry.thread.count
                if !entries.isEmpty && bytes > Self.batchBytes { break }
                entries.append(entry)
            }
            return entries
        }
    }

    private func remove(_ entries: [Entry]) throws {
        try store.transaction {
            for entry in entries {
                try store.database.run(
                    "DELETE FROM outbox WHERE source_version = $1 AND thread_id = $2",
                    [.int(entry.version), .text(entry.thread)])
            }
        }
    }
}

extension LegacyStore {
    /// How many writes wait for the relay, and the version of the oldest.
    ///
    /// Cost: walks the outbox.
    /// - Throws: `LegacyError`.
    public func outboxBacklog() throws -> (entries: Int64, oldestVersion: Int64?) {
        try guarded {
            let rows = try database.rows("SELECT count(*), min(source_version) FROM outbox", [])
            return (try rows.int(0, 0), try rows.optionalInt(0, 1))
        }
    }
}
