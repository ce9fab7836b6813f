import EventLog
import Messaging
import Projection

/// Reads the log of one topic into buckets, partitions side by side.
struct BucketReader: Sendable {
    /// Bytes of one read.
    private static let readBytes = 4 << 20
    private static let readRecords = 16_384
    private static let threads = 2

    let log: any EventLog
    let topic: Topic
    let cuts: BulkNote.Cuts
    let bounds: [TopicPartition: Int64]
    /// Buckets below are done already: their records are not kept.
    let firstBucket: Int
    let shouldStop: @Sendable () -> Bool
    /// Told how many records were read; from several threads.
    let observe: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - memoryBytes: what all buckets together keep in memory.
    ///   - directory: where buckets keep the rest.
    /// - Returns: the ranges' buckets, then one for each giant.
    func read(memoryBytes: Int, directory: String) throws -> [RecordBucket] {
        let count = cuts.bucketCount + cuts.giants.count
        let buckets = (0..<count).map { _ in
            RecordBucket(directory: directory, memoryBytes: memoryBytes / count)
        }
        let partitions = bounds.keys.filter { $0.topic == topic }.sorted()
        _ = try inParallel(partitions.count, threads: Self.threads) { try read(partitions[$0], into: buckets) }
        if shouldStop() { throw ReplayError.interrupted }
        return buckets
    }

    private func read(_ partition: TopicPartition, into buckets: [RecordBucket]) throws {
        let bound = bounds[partition] ?? 0
        let giants = Dictionary(uniqueKeysWithValues: cuts.giants.enumerated().map { ($1, $0) })
        var frames = [[UInt8]](repeating: [], count: buckets.count)
        var counts = [Int](repeating: 0, count: buckets.count)
        var place: Int64 = 0
        while place < bound, !shouldStop() {
            let batch = try log.read(
                partition, from: place, maxRecords: Int(min(bound - place, Int64(Self.readRecords))),
                maxBytes: Self.readBytes)
            guard batch.nextOffset > place else {
                throw ProjectionError(
                    .log, "\(partition) ends before offset \(bound), which the view has: the log was cut or changed")
            }
            batch.forEachRecord { entry in
                guard entry.offset < bound else { return }
                let key = Identifier(key: entry.key) ?? Identifier(high: 0, low: 0)
                let bucket = giants[key].map { cuts.bucketCount + $0 } ?? cuts.bucket(of: key)
                guard bucket >= firstBucket else { return }
                RecordBucket.frame(entry, of: partition, into: &frames[bucket])
                counts[bucket] += 1
            }
            for bucket in frames.indices where counts[bucket] > 0 {
                try buckets[bucket].add(frames[bucket], records: counts[bucket])
                frames[bucket].removeAll(keepingCapacity: true)
                counts[bucket] = 0
            }
            observe(batch.count)
            place = batch.nextOffset
        }
    }
}
