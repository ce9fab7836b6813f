public import EventLog
public import Messaging

/// Immutable files of records that a rebuild begins with, one for each partition: what bootstrap loaded beside the log, or
/// the log's own beginning that it need not keep. `Schemas/BASELINE.md` is the format.
public struct Baseline: Sendable {
    static let topics: [Topic] = [.conversationCommands, .memberCommands]

    public let directory: String
    /// Names the baseline.
    public let set: Identifier
    /// Where the log goes on, for each partition.
    public let next: [TopicPartition: Int64]
    /// All records, as counted in ``check(_:)``; 0 before.
    public private(set) var records: Int64 = 0

    /// Opens the files and reads what they say of themselves.
    /// - Parameter counts: of the log that goes on.
    /// - Throws: `ReplayError` with `missing`, `damaged` or `incompatible`.
    public init(_ directory: String, counts: PartitionCounts) throws {
        self.directory = directory
        var (set, next): (Identifier?, [TopicPartition: Int64]) = (nil, [:])
        for topic in Self.topics {
            for partition in counts.partitions(of: topic) {
                let header = try BaselineReader("\(directory)/\(BaselineFile.name(partition))").header
                guard header.partition == partition, header.partitionCount == counts[topic],
                    set.map({ $0 == header.set }) ?? true
                else {
                    throw ReplayError(
                        .incompatible,
                        "\(directory)/\(BaselineFile.name(partition)): is of another baseline, or of a log with another "
                            + "number of partitions: name the right directory")
                }
                set = header.set
                next[partition] = header.next
            }
        }
        guard let set else { throw ReplayError(.invalid, "the log has no partitions") }
        (self.set, self.next) = (set, next)
    }

    /// Reads everything once: nothing is applied of a baseline that is damaged anywhere.
    /// - Parameter body: told how many records each time; may throw to stop.
    /// - Throws: `ReplayError` with `damaged`.
    public mutating func check(_ body: (Int) throws -> Void = { _ in }) throws {
        var count = 0
        for partition in next.keys.sorted() {
            let reader = try reader(of: partition)
            while let block = try reader.next() {
                count += block.count
                try body(block.count)
            }
        }
        records = Int64(count)
    }

    func reader(of partition: TopicPartition) throws -> BaselineReader {
        try BaselineReader("\(directory)/\(BaselineFile.name(partition))")
    }
}
