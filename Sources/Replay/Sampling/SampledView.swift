public import EventLog
import Messaging
public import Projection
import ViewStorage
import Wire

/// The part of a view that a sample chooses, with the records that make it.
///
/// Of the shared view these are conversations. Of the personal view they are members, and with them all conversations that
/// name them or that they name: a member's rows depend on all of these, but on no other member's commands.
public struct SampledView: Sendable {
    public let sample: ReplaySample
    /// Only the records that make the chosen rows.
    public let log: any EventLog
    private let projection: ProjectionName
    /// `nil`: those that the sample chooses.
    private let conversations: Set<Identifier>?

    /// Reads the log once where the personal view is sampled.
    /// - Parameter shouldStop: asked now and then.
    /// - Throws: `LogError`; `ReplayError` with `interrupted`.
    public init(
        _ sample: ReplaySample, of projection: ProjectionName, in log: any EventLog,
        shouldStop: () -> Bool = { false }
    ) throws {
        self.sample = sample
        self.projection = projection
        let conversations = projection == .personal ? try Self.conversations(sample, log, shouldStop) : nil
        self.conversations = conversations
        self.log = SampledLog(log: log) { topic, key in
            guard topic == .conversationCommands, let conversations else { return sample.includes(key) }
            return conversations.contains(key)
        }
    }

    /// Whether the row at hand is one of the sample's.
    func filter(_ table: StoredTable) -> (any RowCursor) throws -> Bool {
        let topic = table.columns.firstIndex(of: "topic")
        let isMembers = table.columns[table.owner] == "member"
        return { cursor in
            guard case .bytes(let bytes) = try cursor.value(table.owner), let key = Identifier(bytes: bytes) else {
                return false
            }
            if isMembers { return sample.includes(key) }
            // A parked record is a conversation's or a member's, as its topic says.
            if table.columns[table.owner] == "lane", let topic,
                try cursor.value(topic) == .integer(Int64(Topic.memberCommands.rawValue))
            {
                return sample.includes(key)
            }
            return conversations.map { $0.contains(key) } ?? sample.includes(key)
        }
    }

    private static func conversations(
        _ sample: ReplaySample, _ log: any EventLog, _ shouldStop: () -> Bool
    ) throws -> Set<Identifier> {
        var found: Set<Identifier> = []
        for (partition, end) in try log.endOffsets() where partition.topic != .legacyWrites {
            var place = try log.startOffset(of: partition)
            while place < end {
                if shouldStop() { throw ReplayError.interrupted }
                let batch = try log.read(partition, from: place, maxRecords: 16_384, maxBytes: 4 << 20)
                guard batch.nextOffset > place else { break }
                batch.forEachRecord { entry in
                    guard case .record(let logged) = ProjectionBatch.Item(entry, of: partition) else { return }
                    let record = logged.record
                    if record.members.contains(where: { sample.includes($0.value) }) {
                        found.insert(record.conversation.value)
                    }
                }
                place = batch.nextOffset
            }
        }
        return found
    }
}

extension Record {
    /// Those whose rows it can make.
    fileprivate var members: [MemberID] {
        switch command {
        case .createConversation(let create): create.participants + [actor]
        case .send(let send): send.direct.map { [$0, actor] } ?? [actor]
        case .addParticipants(let add): add.members + [actor]
        case .removeParticipant(let remove): [remove.member, actor]
        default: [actor]
        }
    }
}

/// Records of some keys of a log; offsets stay as they are, with gaps between.
private struct SampledLog: EventLog {
    let log: any EventLog
    let includes: @Sendable (Topic, Identifier) -> Bool

    var partitionCounts: PartitionCounts { log.partitionCounts }
    func append(_ batch: AppendBatch) throws -> [Appended] { preconditionFailure("a rebuild never appends") }

    func read(_ partition: TopicPartition, from offset: Int64, maxRecords: Int, maxBytes: Int) throws -> LogBatch {
        var batch = kept(try log.read(partition, from: offset, maxRecords: maxRecords, maxBytes: maxBytes))
        while batch.isEmpty {
            let next = try log.read(partition, from: batch.nextOffset, maxRecords: maxRecords, maxBytes: maxBytes)
            guard next.nextOffset > batch.nextOffset else { break }
            batch = kept(next)
        }
        return batch
    }

    /// A record whose key is no id belongs to nobody, and is left out.
    private func kept(_ batch: LogBatch) -> LogBatch {
        var entries: [LogBatch.Entry] = []
        for index in batch.entries.indices {
            let isKept = batch.withRecord(at: index) { record in
                Identifier(bytes: record.key).map { includes(batch.partition.topic, $0) } ?? false
            }
            if isKept { entries.append(batch.entries[index]) }
        }
        var kept = batch
        kept.entries = entries
        return kept
    }

    func startOffset(of partition: TopicPartition) throws -> Int64 { try log.startOffset(of: partition) }
    func endOffset(of partition: TopicPartition) throws -> Int64 { try log.endOffset(of: partition) }
    func endOffsets() throws -> [TopicPartition: Int64] { try log.endOffsets() }
    func waitForRecords(past: [TopicPartition: Int64], timeoutMillis: Int) throws -> Bool {
        try log.waitForRecords(past: past, timeoutMillis: timeoutMillis)
    }
    func close() {}
}
