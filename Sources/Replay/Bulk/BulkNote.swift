import EventLog
import Messaging

/// What a bulk rebuild is cut into: the same after an interruption as before, so that its pages are the same.
struct BulkNote: Equatable {
    /// Keys of a topic in ranges: bucket n holds those from cut n - 1 on, below cut n.
    struct Cuts: Equatable {
        var cuts: [Identifier]
        /// Keys with so many records that they are applied alone, in pieces, at the end.
        var giants: [Identifier]

        var bucketCount: Int { cuts.count + 1 }

        /// The first bucket whose upper cut is above the key.
        func bucket(of key: Identifier) -> Int {
            var (low, high) = (0, cuts.count)
            while low < high {
                let middle = (low + high) / 2
                if cuts[middle] <= key { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }

    /// Where each partition ends for this rebuild.
    var bounds: [TopicPartition: Int64]
    var cuts: [Topic: Cuts]
    /// Records of a piece of a giant.
    var pieceRecords: Int

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ value: Int64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
        add(Int64(pieceRecords))
        add(Int64(bounds.count))
        for (partition, bound) in bounds.sorted(by: { $0.key < $1.key }) {
            add(Int64(partition.topic.rawValue))
            add(Int64(partition.partition))
            add(bound)
        }
        add(Int64(cuts.count))
        for (topic, value) in cuts.sorted(by: { $0.key < $1.key }) {
            add(Int64(topic.rawValue))
            for keys in [value.cuts, value.giants] {
                add(Int64(keys.count))
                for key in keys {
                    add(Int64(bitPattern: key.high))
                    add(Int64(bitPattern: key.low))
                }
            }
        }
        return bytes
    }

    init(bounds: [TopicPartition: Int64], cuts: [Topic: Cuts], pieceRecords: Int) {
        self.bounds = bounds
        self.cuts = cuts
        self.pieceRecords = pieceRecords
    }

    /// - Throws: `ReplayError` with `damaged` when these bytes are no note.
    init(_ bytes: [UInt8]) throws {
        var place = 0
        func next() throws -> Int64 {
            guard place + 8 <= bytes.count else {
                throw ReplayError(
                    .damaged,
                    "the note of a half-built generation makes no sense: run `parley replay prune`, and begin again")
            }
            defer { place += 8 }
            return bytes.withUnsafeBytes {
                Int64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Int64.self))
            }
        }
        func topic() throws -> Topic { Topic(rawValue: UInt8(truncatingIfNeeded: try next())) ?? .legacyWrites }
        func keys() throws -> [Identifier] {
            try (0..<(try next())).map { _ in
                Identifier(high: UInt64(bitPattern: try next()), low: UInt64(bitPattern: try next()))
            }
        }
        pieceRecords = Int(try next())
        bounds = [:]
        for _ in 0..<(try next()) {
            let partition = TopicPartition(try topic(), Int32(truncatingIfNeeded: try next()))
            bounds[partition] = try next()
        }
        cuts = [:]
        for _ in 0..<(try next()) {
            let topic = try topic()
            cuts[topic] = Cuts(cuts: try keys(), giants: try keys())
        }
    }
}
