import EventLog
import Messaging
import MessagingService
import TestSupport
import TimeTravel
import Wire

/// A log in memory of one partition a topic, at times of its own, and what is told of it.
struct ToldLog {
    let log: InMemoryLog
    let clock = ManualClock(micros: 1_000)

    init(partitions: Int32 = 1) {
        log = InMemoryLog(
            partitionCounts: PartitionCounts(conversationCommands: partitions, memberCommands: partitions),
            clock: clock.clock)
    }

    /// Appends a command at a time, which later ones must not be before.
    @discardableResult
    func append(
        _ command: Command, id: CommandID, by actor: MemberID, in conversation: ConversationID, at micros: Int64
    ) throws -> Position {
        clock.set(micros: micros)
        let record = Record(id: id, actor: actor, conversation: conversation, command: command)
        return try append(key: record.key, personal: command.isPersonal) { try RecordCodec.encode(record, into: &$0) }
    }

    /// Appends bytes that are no record.
    @discardableResult
    func appendJunk(key: Identifier, at micros: Int64) throws -> Position {
        clock.set(micros: micros)
        return try append(key: key, personal: false) { $0.append(contentsOf: [0xff, 0x00, 0x13]) }
    }

    private func append(
        key: Identifier, personal: Bool, _ encode: (inout [UInt8]) throws -> Void
    ) throws -> Position {
        let topic: Topic = personal ? .memberCommands : .conversationCommands
        let partition = TopicPartition(topic, Partitioner.partition(of: key, count: log.partitionCounts[topic]))
        var batch = AppendBatch()
        try batch.add(to: partition, keyHigh: key.high, keyLow: key.low, encode: encode)
        return Position(partition, try log.append(batch)[0].offset)
    }

    func explain(_ subject: ExplainedSubject, asOf moment: Moment? = nil) throws -> [String: ExplainedField]? {
        try Explainer(subject, in: log, asOf: moment).run().map { fields in
            Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0) })
        }
    }
}

/// Ids by number, so that tests read well.
func id<Kind>(_ number: UInt64) -> ID<Kind> { ID(Identifier(high: 1, low: number)) }

extension Command {
    static func send(_ number: UInt64, to other: MemberID? = nil) -> Command {
        .send(
            Send(
                message: id(number), clientToken: [1], content: Sealed([UInt8](repeating: UInt8(number), count: 64)),
                digest: PayloadDigest(Identifier(high: 0, low: number)), replyTo: nil, sentAt: nil, direct: other))
    }

    static func edit(_ number: UInt64, _ byte: UInt8, expecting version: CommandID? = nil) -> Command {
        .edit(
            Edit(message: id(number), content: Sealed([UInt8](repeating: byte, count: 64)), expectedVersion: version))
    }
}
