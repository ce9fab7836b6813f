import EventLog
import KafkaLog
import TestSupport

/// Threads that append numbered records, each again until it is acknowledged, while something breaks; and what must be
/// true of the log then.
final class Writers: @unchecked Sendable {
    struct Acknowledged {
        var partition: TopicPartition
        var offset: Int64
        var text: String
    }

    private let log: KafkaLog
    private let batches: Int
    private let monitor = Monitor()
    // Below only under the monitor's lock.
    private var acknowledged: [Acknowledged] = []
    private var rounds: [Int]
    private var unknown = 0

    static let threads = 3
    static let partition = TopicPartition(.conversationCommands, 0)
    private static let perBatch = 40

    init(_ log: KafkaLog, batches: Int) {
        self.log = log
        self.batches = batches
        rounds = Array(repeating: 0, count: Self.threads)
    }

    /// Runs all writers to their end, and `disturb` when each has had some acknowledgements.
    /// - Throws: the first error that may not be tried again.
    func run(_ disturb: () throws -> Void) throws {
        let running = (0..<Self.threads).map { thread in Threads.start { try self.write(thread) } }
        var failure: (any Error)?
        while monitor.withLock({ (rounds.min() ?? 0) < batches / 4 }) { Threads.sleep(millis: 2) }
        do { try disturb() } catch { failure = error }
        for one in running {
            do { try one.join() } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    private func write(_ thread: Int) throws {
        defer { monitor.withLock { rounds[thread] = .max } }
        for round in 0..<batches {
            let texts = (0..<Self.perBatch).map { "writer-\(thread):\(round * Self.perBatch + $0)" }
            var batch = AppendBatch()
            for text in texts { batch.add(to: Self.partition, key: Array("\(thread)".utf8), value: Array(text.utf8)) }
            let answers = try append(batch)
            monitor.withLock {
                rounds[thread] += 1
                for (answer, text) in zip(answers, texts) {
                    acknowledged.append(.init(partition: Self.partition, offset: answer.offset, text: text))
                }
            }
        }
    }

    private func append(_ batch: AppendBatch) throws -> [Appended] {
        while true {
            do { return try log.append(batch) } catch let error as LogError where error.isRetriable {
                monitor.withLock { unknown += error.outcomeUnknown ? 1 : 0 }
            }
        }
    }

    /// How often an append ended without anybody knowing its outcome.
    var unknownOutcomes: Int { monitor.withLock { unknown } }

    /// Checks that everything acknowledged is where it was answered to be, and that the first copies of each writer's
    /// records stand in its order with none missing.
    /// - Returns: the texts of the partition, in order.
    @discardableResult
    func verify(_ log: any EventLog) throws -> [String] {
        var found: [Int64: String] = [:]
        var texts: [String] = []
        var next: Int64 = 0
        while true {
            let batch = try log.read(Self.partition, from: next, maxRecords: 10_000, maxBytes: 1 << 24)
            if batch.isEmpty { break }
            batch.forEachRecord { record in
                let text = String(decoding: record.value, as: UTF8.self)
                found[record.offset] = text
                texts.append(text)
            }
            next = batch.nextOffset
        }
        for one in acknowledged {
            try require(
                found[one.offset] == one.text,
                "\(one.text) was acknowledged at \(one.offset), where the log has "
                    + (found[one.offset] ?? "nothing"))
        }
        for thread in 0..<Self.threads {
            var seen = 0
            for text in texts where text.hasPrefix("writer-\(thread):") {
                let number = Int(text.drop { $0 != ":" }.dropFirst()) ?? -1
                try require(number <= seen, "writer \(thread): \(number) stands before \(seen)")
                if number == seen { seen += 1 }
            }
            try require(seen == batches * Self.perBatch, "writer \(thread): \(seen) of \(batches * Self.perBatch)")
        }
        return texts
    }
}
