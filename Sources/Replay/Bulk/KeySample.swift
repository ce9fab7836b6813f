import EventLog
import Messaging

/// Cuts the keys of a topic into ranges of about as many records each, from a sample of the log.
struct KeySample {
    private static let spots = 256
    private static let recordsOfSpot = 64

    let log: any EventLog
    /// Records a bucket should have.
    let bucketRecords: Int
    /// A key with more records than this is a giant.
    let giantRecords: Int

    /// - Parameter bounds: where each partition of the topic ends.
    func cuts(_ bounds: [TopicPartition: Int64]) throws -> BulkNote.Cuts {
        let total = bounds.values.reduce(0, +)
        guard total > Int64(bucketRecords) else { return BulkNote.Cuts(cuts: [], giants: []) }
        var keys: [Identifier] = []
        for (partition, bound) in bounds.sorted(by: { $0.key < $1.key }) where bound > 0 {
            // As many spots as the partition has of the records.
            let spots = max(1, Int64(Self.spots) * bound / total)
            for spot in 0..<spots {
                let batch = try log.read(
                    partition, from: bound * spot / spots, maxRecords: Self.recordsOfSpot, maxBytes: 1 << 20)
                batch.forEachRecord { if let key = Identifier(key: $0.key) { keys.append(key) } }
            }
        }
        keys.sort()
        return cuts(of: keys, total: total)
    }

    /// - Parameter keys: sorted, as often as they are.
    func cuts(of keys: [Identifier], total: Int64) -> BulkNote.Cuts {
        var giants: [Identifier] = []
        var others: [Identifier] = []
        let share = Double(giantRecords) / Double(total) * Double(keys.count)
        var start = 0
        while start < keys.count {
            let end = keys[start...].firstIndex { $0 != keys[start] } ?? keys.count
            if Double(end - start) > share { giants.append(keys[start]) } else { others += keys[start..<end] }
            start = end
        }
        let buckets = Int((total + Int64(bucketRecords) - 1) / Int64(bucketRecords))
        var cuts: [Identifier] = []
        for index in 1..<max(1, buckets) {
            let place = others.count * index / buckets
            guard place < others.count else { break }
            let cut = others[place]
            if cuts.last.map({ $0 < cut }) ?? true { cuts.append(cut) }
        }
        return BulkNote.Cuts(cuts: cuts, giants: giants)
    }
}

extension Identifier {
    /// - Returns: `nil` unless the key has 16 bytes.
    init?(key: UnsafeRawBufferPointer) {
        guard key.count == 16, let base = key.baseAddress else { return nil }
        self.init(unaligned: base)
    }
}
