public import EventLog
public import Messaging
import Projection

/// What a check works with: a new view and short forms for it.
struct ViewBench {
    let fixture: ViewFixture
    let store: any ViewStore

    let one = LeaseOwner(text: "one")
    let other = LeaseOwner(text: "other")
    /// Long enough for any check, in microseconds.
    let long: Int64 = 3_600_000_000

    let ann = MemberID(Identifier(high: 0xa, low: 1))
    let bob = MemberID(Identifier(high: 0xa, low: 2))
    let room = ConversationID(Identifier(high: 0xc, low: 1))
    let garden = ConversationID(Identifier(high: 0xc, low: 2))
    let first = TopicPartition(.conversationCommands, 0)
    let second = TopicPartition(.conversationCommands, 1)

    var partitions: [TopicPartition] {
        store.projection.topics.flatMap { topic in (0..<3).map { TopicPartition(topic, $0) } }
    }

    func another() throws -> any ViewStore { try fixture.another(store) }

    /// Takes all partitions for good.
    func claim(_ store: (any ViewStore)? = nil, _ owner: LeaseOwner? = nil) throws -> [TopicPartition: Int64] {
        let epochs = try (store ?? self.store).claim(partitions, owner: owner ?? one, leaseMicros: long)
        try require(Set(epochs.keys) == Set(partitions), "\(owner ?? one) owns \(epochs.keys.sorted()) only")
        return epochs
    }

    /// Rows, positions, attempts and parked records: what must be as it was after a refusal.
    func state() throws -> State {
        State(
            contents: try fixture.contents(store), positions: try store.positions(),
            attempts: try store.attempts().sorted { $0.partition < $1.partition }, parked: try fixture.parked(store))
    }

    struct State: Equatable {
        var contents: [[UInt8]]
        var positions: [TopicPartition: Int64]
        var attempts: [Attempt]
        var parked: [UnreadableRecord]
    }

    /// Checks that a call is refused with `fenced` and changes nothing.
    func expectFenced(_ what: String, _ body: () throws -> Void) throws {
        let before = try state()
        do {
            try body()
        } catch let error as ProjectionError {
            try require(error.code == .fenced, "\(what) is refused with \(error.code), not fenced: \(error)")
            try require(try state() == before, "\(what) is refused, but not without a trace")
            return
        }
        throw TestFailure("\(what) is not refused")
    }

    // MARK: Records

    /// A batch of these records under these epochs; its partitions move from where their first records stand.
    func batch(_ records: some Sequence<LoggedRecord>, _ epochs: [TopicPartition: Int64]) -> ProjectionBatch {
        batch(records.map { .record($0) }, epochs)
    }

    func batch(_ items: [ProjectionBatch.Item], _ epochs: [TopicPartition: Int64]) -> ProjectionBatch {
        var batch = ProjectionBatch()
        batch.items = items
        for item in items {
            let (partition, offset) = item.place
            batch.moves[partition] = ProjectionBatch.Move(from: batch.moves[partition]?.from ?? offset, to: offset + 1)
            batch.epochs[partition] = epochs[partition]
        }
        return batch
    }

    /// A command at an offset of a partition; its id says where.
    func record(
        _ partition: TopicPartition, _ offset: Int64, _ actor: MemberID, _ conversation: ConversationID,
        _ command: Command
    ) -> LoggedRecord {
        let id = CommandID(Identifier(high: UInt64(partition.partition), low: UInt64(offset)))
        return LoggedRecord(
            record: Record(id: id, actor: actor, conversation: conversation, command: command),
            partition: partition.partition, offset: offset, appendTime: 1_000 + offset)
    }

    /// Ann makes a group with Bob, in which she sends.
    func opening(_ partition: TopicPartition, _ conversation: ConversationID) -> [LoggedRecord] {
        [record(partition, 0, ann, conversation, create), record(partition, 1, ann, conversation, send(1))]
    }

    var create: Command {
        .createConversation(CreateConversation(participants: [bob], title: nil, history: .fromJoin))
    }

    func send(_ number: UInt64) -> Command {
        .send(
            Send(
                message: MessageID(Identifier(high: 0xe, low: number)), clientToken: [], content: Sealed([1, 2, 3]),
                digest: PayloadDigest(Identifier(high: 0, low: number)), replyTo: nil, sentAt: nil, direct: nil))
    }

    func delete(_ number: UInt64) -> Command {
        .delete(Delete(message: MessageID(Identifier(high: 0xe, low: number)), version: nil, reason: nil))
    }
}

extension ProjectionBatch.Item {
    var place: (TopicPartition, Int64) {
        switch self {
        case .record(let logged): (logged.topicPartition, logged.offset)
        case .unreadable(let record): (record.partition, record.offset)
        }
    }
}

extension LoggedRecord {
    /// Where it stands.
    public var topicPartition: TopicPartition {
        TopicPartition(record.command.isPersonal ? .memberCommands : .conversationCommands, partition)
    }
}
