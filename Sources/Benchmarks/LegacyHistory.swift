import EventLog
import LegacyMailbox
import Messaging
import Replication
import Wire

/// Writes of a legacy mailbox for benchmarks: threads of five, and one copy a message, so that each message is one command.
/// The same writes for the same arguments.
struct LegacyHistory {
    let threads: [[UInt8]]
    private var random: SplitMix
    private var version: Int64 = 1_700_000_000_000_000
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz     ".utf8)

    init(threads count: Int, seed: UInt64) {
        threads = (0..<count).map { Array("thread-\($0)".utf8) }
        random = SplitMix(state: seed)
    }

    private static func owner(_ thread: Int, _ place: Int) -> [UInt8] { Array("owner-\((thread + place) % 200)".utf8) }

    private mutating func next() -> Int64 {
        version += 1
        return version
    }

    /// The rows that make every thread and its participants.
    mutating func beginnings() -> [LegacyWrite] {
        var writes: [LegacyWrite] = []
        for (index, thread) in threads.enumerated() {
            let at = next()
            let row = LegacyThread(thread: thread, subject: [], creator: Self.owner(index, 0), createdAt: at)
            writes.append(LegacyWrite(.insert, .thread(row), sourceVersion: at))
            for place in 0..<5 {
                let joined = next()
                let row = LegacyParticipant(
                    thread: thread, owner: Self.owner(index, place), joinedAt: joined, leftAt: nil,
                    folder: LegacyFolder.inbox)
                writes.append(LegacyWrite(.insert, .participant(row), sourceVersion: joined))
            }
        }
        return writes
    }

    /// A message of 200 bytes: its sender's own copy.
    /// - Parameter index: of the thread; any when `nil`.
    mutating func message(in index: Int? = nil) -> LegacyWrite {
        let thread = index ?? random.below(threads.count)
        let at = next()
        let sender = Self.owner(thread, random.below(5))
        let row = LegacyCopy(
            thread: threads[thread], owner: sender, copyID: Array("\(at)".utf8),
            deduplicationKey: Array("<\(at)>".utf8), folder: LegacyFolder.inbox, sender: sender, recipients: [],
            subject: [], body: (0..<200).map { _ in Self.letters[random.below(Self.letters.count)] }, sentAt: at)
        return LegacyWrite(.insert, .copy(row), sourceVersion: at)
    }
}

extension EventLog {
    /// Appends legacy writes as the relay does, in batches of 5,000.
    func append(legacy writes: [LegacyWrite]) throws {
        var batch = AppendBatch()
        for (index, write) in writes.enumerated() {
            let key = write.thread
            let partition = key.withUnsafeBytes {
                Partitioner.partition(of: $0, count: partitionCounts.legacyWrites)
            }
            batch.add(to: TopicPartition(.legacyWrites, partition), key: key, value: write.protobuf())
            if (index + 1) % 5_000 == 0 {
                _ = try append(batch)
                batch.removeAll()
            }
        }
        if !batch.isEmpty { _ = try append(batch) }
    }
}
