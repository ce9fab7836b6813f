import Deployment
import EventLog
import Glibc
import LegacyMailbox
import Messaging
import Replication
import Wire

/// What replicating legacy writes costs, and what failing lanes cost the others.
public enum ReplicationBenchmarks {
    private static let threads = 2_000

    /// `replicate.backlog`: commands a second from a backlog of legacy writes: sends with 200-byte bodies in 2,000
    /// conversations, one copy a message, which is a send and the state of the copy. The floor is `append.path` of as many
    /// sends and marks, measured in turns with it.
    ///
    /// - Parameter directory: must exist; files are made in it and removed.
    public static func backlog(in directory: String, runs: Int = 3, sends: Int = 100_000) throws -> Measurement {
        try Measurement.inTurns(name: "replicate.backlog", unit: "records/s", runs: runs) { _ in
            try PathBenchmark.path(in: directory, runs: 1, sends: sends, isMarked: true).value
        } value: { _ in
            try withScratchDirectory(in: directory) { scratch in
                let bench = try ReplicationBench("\(scratch)/data")
                defer { bench.deployment.close() }
                var history = LegacyHistory(threads: threads, seed: 7)
                try bench.log.append(legacy: history.beginnings())
                try bench.replicateAll()
                try bench.log.append(legacy: (0..<sends).map { _ in history.message() })
                let watch = Stopwatch()
                let store = try bench.openStore()
                let replicator = try bench.replicator(store)
                try replicator.run(once: true) { false }
                guard replicator.report.applied == sends, replicator.report.commands == 2 * sends else {
                    throw BenchmarkError("\(replicator.report.commands) commands of \(sends) writes")
                }
                return Double(replicator.report.commands) / watch.seconds
            }
        }
    }

    /// `replicate.poison1pct`: writes a second of the other lanes while one lane in a hundred fails for ever, from a
    /// backlog; the floor is the same without failing lanes. `replicate.poison1pct.p99`: milliseconds from a legacy
    /// write's append to that of its command, of the other lanes, while 4,000 writes a second come; likewise.
    ///
    /// Which side comes first changes with each run. The writes come 20 at a time: in fewer, larger groups the hundredth
    /// part of them that the log's checkpoints delay would be just a few groups, by chance on this or that side of p99.
    public static func poison(in directory: String, runs: Int = 3) throws -> [Measurement] {
        var (throughput, latency) = (([Double](), [Double]()), ([Double](), [Double]()))
        for run in 0..<runs {
            let sides: [Failing?] = run % 2 == 0 ? [nil, .transiently] : [.transiently, nil]
            for failing in sides {
                let speed = try backlogOfOthers(directory, failing: failing)
                if failing == nil { throughput.0.append(speed) } else { throughput.1.append(speed) }
            }
            for failing in sides {
                let millis = try p99OfOthers(directory, failing: failing)
                if failing == nil { latency.0.append(millis) } else { latency.1.append(millis) }
            }
        }
        return [
            Measurement(
                name: "replicate.poison1pct", unit: "records/s", values: throughput.1, floors: throughput.0),
            Measurement(name: "replicate.poison1pct.p99", unit: "ms", values: latency.1, floors: latency.0),
        ]
    }

    private static func poisoned(_ bench: ReplicationBench, _ history: LegacyHistory) -> Set<ConversationID> {
        let identifiers = LegacyIdentifiers(namespace: bench.deployment.settings.namespace)
        return Set(
            stride(from: 0, to: history.threads.count, by: 100).map {
                identifiers.conversation(thread: history.threads[$0])
            })
    }

    private static func backlogOfOthers(_ directory: String, failing: Failing?) throws -> Double {
        try withScratchDirectory(in: directory) { scratch in
            let bench = try ReplicationBench("\(scratch)/data")
            defer { bench.deployment.close() }
            var history = LegacyHistory(threads: threads, seed: 7)
            try bench.log.append(legacy: history.beginnings())
            try bench.replicateAll()
            let writes = (0..<100_000).map { _ in history.message() }
            try bench.log.append(legacy: writes)
            let poison = poisoned(bench, history)
            let identifiers = LegacyIdentifiers(namespace: bench.deployment.settings.namespace)
            let others = writes.count { !poison.contains(identifiers.conversation(thread: $0.thread)) }
            let replicator = try bench.replicator(try bench.openStore(), failing: failing, poisoned: poison)
            let expected = failing == nil ? writes.count : others
            let watch = Stopwatch()
            try replicator.run(once: true) { replicator.report.applied >= expected }
            return Double(expected) / watch.seconds
        }
    }

    private static func p99OfOthers(_ directory: String, failing: Failing?) throws -> Double {
        try withScratchDirectory(in: directory) { scratch in
            let bench = try ReplicationBench("\(scratch)/data")
            defer { bench.deployment.close() }
            var history = LegacyHistory(threads: threads, seed: 7)
            try bench.log.append(legacy: history.beginnings())
            try bench.replicateAll()
            let starts = try bench.log.endOffsets()
            let poison = poisoned(bench, history)
            let identifiers = LegacyIdentifiers(namespace: bench.deployment.settings.namespace)
            // 5 ms apart, 20 writes each: 4,000 a second for 15 seconds, in the last of which failing lanes are parked.
            let bursts = (0..<3_000).map { _ in (0..<20).map { _ in history.message() } }
            let expected = bursts.joined().count {
                failing == nil || !poison.contains(identifiers.conversation(thread: $0.thread))
            }
            let log = bench.log
            try onThreads(2) { index in
                if index == 0 { return try produce(bursts, log) }
                let replicator = try bench.replicator(try bench.openStore(), failing: failing, poisoned: poison)
                let watch = Stopwatch()
                try replicator.run(once: false) { replicator.report.applied >= expected || watch.seconds > 60 }
            }
            return try p99Millis(log, from: starts, without: poison, identifiers)
        }
    }

    private static func produce(_ bursts: [[LegacyWrite]], _ log: any EventLog) throws {
        let watch = Stopwatch()
        for (index, burst) in bursts.enumerated() {
            while watch.seconds < Double(index) * 0.005 { usleep(500) }
            try log.append(legacy: burst)
        }
    }

    /// By the log's own times of the write and of the first command that came of it.
    private static func p99Millis(
        _ log: any EventLog, from starts: [TopicPartition: Int64], without poison: Set<ConversationID>,
        _ identifiers: LegacyIdentifiers
    ) throws -> Double {
        var written: [Int64: Int64] = [:]
        var applied: [Int64: Int64] = [:]
        for (partition, end) in try log.endOffsets() {
            var offset = starts[partition] ?? 0
            while offset < end {
                let batch = try log.read(partition, from: offset, maxRecords: 10_000, maxBytes: 16 << 20)
                try batch.forEachRecord { record in
                    if partition.topic == .legacyWrites {
                        let write = try LegacyWrite(protobuf: Array(record.value))
                        guard !poison.contains(identifiers.conversation(thread: write.thread)) else { return }
                        written[write.sourceVersion] = record.appendTime
                    } else if let version = try RecordCodec.decode(record.value).sourceVersion {
                        applied[version] = min(applied[version] ?? .max, record.appendTime)
                    }
                }
                offset = batch.nextOffset
            }
        }
        let latencies = try written.map { version, time in
            guard let end = applied[version] else { throw BenchmarkError("the write \(version) was not applied") }
            return Double(end - time) / 1_000
        }.sorted()
        return latencies[latencies.count * 99 / 100]
    }
}
