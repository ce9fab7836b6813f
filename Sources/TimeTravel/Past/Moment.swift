public import EventLog
import Wire

/// A moment of a log: for each of its partitions, where it ended then.
///
/// Between partitions there is no order but that of append times, so a moment that names some partitions is completed by
/// time: of the others it has what was appended no later than the last record it has of those named.
public enum Moment: Sendable, Equatable {
    /// With the record at this position as the last of its partition.
    case position(Position)
    /// With exactly what the token has of the partitions it names.
    case token(PositionToken)
    /// With every record appended at this time or before; microseconds since 1970.
    case time(Int64)

    /// - Parameter text: `conversation-commands/3@1024`, a token as commands print it, or a time of RFC 3339; anything else
    ///   gives `nil`.
    public init?(text: String) {
        if let position = Position(text: text) {
            self = .position(position)
        } else if let micros = RFC3339.micros(Array(text.utf8)) {
            self = .time(micros)
        } else if let token = PositionToken(text: text) {
            self = .token(token)
        } else {
            return nil
        }
    }

    /// Where each partition of the log ended then, of the topics that views are built from.
    /// - Throws: `TimeTravelError` with `invalid` when the log never was there, `incomplete` when its beginning is gone.
    public func bounds(in log: any EventLog) throws -> [TopicPartition: Int64] {
        let partitions = [Topic.conversationCommands, .memberCommands].flatMap(log.partitionCounts.partitions(of:))
        let named = try named(in: log)
        let time = try horizon(named, log)
        var bounds: [TopicPartition: Int64] = [:]
        for partition in partitions {
            guard try log.startOffset(of: partition) == 0 else {
                throw TimeTravelError(
                    .incomplete,
                    "the log no longer has the beginning of \(partition): what was before cannot be told from it")
            }
            bounds[partition] = try named[partition] ?? Self.end(of: partition, at: time, in: log)
        }
        return bounds
    }

    /// The partitions that are named, and where they ended.
    private func named(in log: any EventLog) throws -> [TopicPartition: Int64] {
        var named: [TopicPartition: Int64] = [:]
        switch self {
        case .position(let position): named[position.partition] = position.offset + 1
        case .token(let token): named = token.offsets.filter { $0.key.topic != .legacyWrites }
        case .time: break
        }
        for (partition, bound) in named {
            guard log.partitionCounts.index(of: partition) != nil, partition.topic != .legacyWrites else {
                throw TimeTravelError(.invalid, "there is no \(partition) that views are built from")
            }
            let end = try log.endOffset(of: partition)
            guard bound <= end else {
                throw TimeTravelError(
                    .invalid, "\(partition) ends at \(end): it never had a record before \(bound) that is asked for")
            }
        }
        return named
    }

    /// The time up to which records of partitions that are not named belong to the moment.
    private func horizon(_ named: [TopicPartition: Int64], _ log: any EventLog) throws -> Int64 {
        if case .time(let micros) = self { return micros }
        var time = Int64.min
        for (partition, bound) in named where bound > 0 {
            // A log may keep places of its own between records: the last record is looked for backwards.
            var place = bound - 1
            var last = try Self.first(of: partition, from: place, in: log)
            while place > 0, last.map({ $0.offset >= bound }) ?? true {
                place -= 1
                last = try Self.first(of: partition, from: place, in: log)
            }
            if let last, last.offset < bound { time = max(time, last.appendTime) }
        }
        return time
    }

    /// Append times never decrease within a partition, so that the first later record is found by halving.
    private static func end(of partition: TopicPartition, at time: Int64, in log: any EventLog) throws -> Int64 {
        var (low, high) = (Int64(0), try log.endOffset(of: partition))
        while low < high {
            let middle = low + (high - low) / 2
            if let entry = try first(of: partition, from: middle, in: log), entry.appendTime <= time {
                low = entry.offset + 1
            } else {
                high = middle
            }
        }
        return low
    }

    private static func first(
        of partition: TopicPartition, from offset: Int64, in log: any EventLog
    ) throws -> LogBatch.Entry? {
        try log.read(partition, from: offset, maxRecords: 1, maxBytes: 1).entries.first
    }
}
