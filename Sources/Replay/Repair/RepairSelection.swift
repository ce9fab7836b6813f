public import EventLog
public import Messaging
import ViewStorage
import Wire

/// Which rows of a view a repair looks at: those of conversations, of members, or of partitions.
public struct RepairSelection: Sendable, Equatable {
    public var conversations: Set<ConversationID> = []
    public var members: Set<MemberID> = []
    public var partitions: Set<TopicPartition> = []

    public init() {}

    /// Adds the conversations and members that the log names from a position on.
    /// - Throws: `LogError`; `ReplayError` with `invalid` when nothing stands there.
    public mutating func add(from position: Position, in log: any EventLog) throws {
        let end = try log.endOffset(of: position.partition)
        guard position.offset < end else {
            throw ReplayError(
                .invalid,
                "--from \(position): the partition ends before it, at \(end): give a position that `parley log` "
                    + "prints")
        }
        var place = position.offset
        while place < end {
            let batch = try log.read(position.partition, from: place, maxRecords: 16_384, maxBytes: 4 << 20)
            guard batch.nextOffset > place else { return }
            batch.forEachRecord { entry in
                guard let key = Identifier(key: entry.key) else { return }
                if position.partition.topic == .memberCommands {
                    members.insert(MemberID(key))
                } else {
                    conversations.insert(ConversationID(key))
                }
            }
            place = batch.nextOffset
        }
    }

    /// Whether a row of the table is meant; `nil` when none of the table is.
    func filter(_ table: StoredTable, _ counts: PartitionCounts) -> ((any RowCursor) throws -> Bool)? {
        let conversation = table.columns.firstIndex(of: "conversation")
        let member = table.columns.firstIndex(of: "member")
        guard conversation != nil || member != nil else { return nil }
        return { cursor in
            if let conversation, let key = try Self.identifier(cursor, conversation),
                conversations.contains(ConversationID(key)) || has(key, .conversationCommands, counts)
            {
                return true
            }
            guard let member, let key = try Self.identifier(cursor, member) else { return false }
            return members.contains(MemberID(key)) || has(key, .memberCommands, counts)
        }
    }

    private func has(_ key: Identifier, _ topic: Topic, _ counts: PartitionCounts) -> Bool {
        !partitions.isEmpty
            && partitions.contains(TopicPartition(topic, Partitioner.partition(of: key, count: counts[topic])))
    }

    private static func identifier(_ cursor: any RowCursor, _ column: Int) throws -> Identifier? {
        guard case .bytes(let bytes) = try cursor.value(column) else { return nil }
        return Identifier(bytes: bytes)
    }
}
