public import EventLog
import Messaging
import Wire

/// Where in the log the commands with some ids stand: so that what an interrupted run appended is not appended again.
///
/// The same id in another conversation, or of another member's own view, is another command; so the key counts too.
/// About 100 bytes of memory a record. Immutable once made, so threads may share it.
public struct KnownRecords: Sendable {
    struct Name: Hashable, Sendable {
        let id: CommandID
        let key: Identifier
    }

    private var places: [Name: Position] = [:]

    public var count: Int { places.count }

    /// Knows nothing.
    public init() {}

    /// Reads the command topics of a log up to its present end.
    ///
    /// - Parameters:
    ///   - starts: where to begin in each partition; those not named are read from their start.
    ///   - isCancelled: asked between pages; when it says yes, reading ends early with what was read.
    /// - Throws: `LogError`, and `WireError` for a record that cannot be read.
    public init(
        reading log: any EventLog, from starts: [TopicPartition: Int64] = [:], isCancelled: () -> Bool = { false }
    ) throws {
        for (partition, end) in try log.endOffsets() where partition.topic != .legacyWrites {
            var offset = try max(starts[partition] ?? 0, log.startOffset(of: partition))
            while offset < end, !isCancelled() {
                let page = try log.read(partition, from: offset, maxRecords: 5_000, maxBytes: 4 << 20)
                for index in page.entries.indices {
                    try page.withRecord(at: index) { record in
                        let decoded = try RecordCodec.decode(record.value)
                        places[Name(id: decoded.id, key: decoded.key)] = Position(partition, record.offset)
                    }
                }
                offset = page.nextOffset
            }
        }
    }

    /// The last place of the command with this id under this key.
    func place(id: CommandID, key: Identifier) -> Position? {
        places.isEmpty ? nil : places[Name(id: id, key: key)]
    }
}
