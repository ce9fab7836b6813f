import ContentProtection
import EventLog
import Messaging
import Wire

/// Makes records of origin `legacy`: content and titles sealed like any other, the converter named in the record.
///
/// Threads: one at a time, as its sealer.
final class RecordSealing {
    private let sealer: ContentSealer
    private let partitionCounts: PartitionCounts

    init(keys: any KeyService, partitionCounts: PartitionCounts) throws {
        sealer = try ContentSealer(keys: keys)
        self.partitionCounts = partitionCounts
    }

    /// Fetches the keys of a batch in one durable step.
    func begin(_ commands: some Sequence<ReplicatedCommand>) throws {
        var owners: [KeyOwner] = []
        for command in commands where command.sealsSomething {
            owners.append(.member(command.actor))
            owners.append(.conversation(command.conversation))
        }
        try sealer.beginBatch(sealingFor: owners)
    }

    /// Adds the commands of one legacy write, all or none.
    /// - Throws: `WireError` when a record is above a limit, `ContentProtectionError`.
    func add(_ commands: [ReplicatedCommand], to batch: inout AppendBatch) throws {
        var own = AppendBatch()
        for command in commands {
            let record = try record(of: command)
            let topic: Topic = record.command.isPersonal ? .memberCommands : .conversationCommands
            let partition = Partitioner.partition(of: record.key, count: partitionCounts[topic])
            try own.add(to: TopicPartition(topic, partition), keyHigh: record.key.high, keyLow: record.key.low) {
                try RecordCodec.encode(record, into: &$0)
            }
        }
        batch.add(contentsOf: own)
    }

    private func record(of command: ReplicatedCommand) throws -> Record {
        Record(
            id: command.id, actor: command.actor, conversation: command.conversation,
            command: try sealed(command), origin: .legacy, sourceVersion: command.sourceVersion,
            verdicts: [
                HookVerdict(
                    hook: Array("converter:\(command.converter)".utf8), version: Array("1".utf8), decision: .replaced,
                    durationMicros: 0)
            ])
    }

    private func sealed(_ command: ReplicatedCommand) throws -> Command {
        switch command.kind {
        case .createConversation(let create):
            let title = try create.title.map { try seal(title: $0, command) }
            return .createConversation(
                CreateConversation(participants: create.participants, title: title, history: create.history))
        case .send(let send): return .send(try sealed(send, command, direct: nil))
        case .sendDirect(let to, let send): return .send(try sealed(send, command, direct: to))
        case .edit(let edit):
            let content = try seal(edit.content.canonicalJSON(), message: edit.message, command)
            return .edit(Edit(message: edit.message, content: content, expectedVersion: edit.expectedVersion))
        case .rename(let title): return .rename(Rename(title: try seal(title: title, command)))
        case .delete(let delete): return .delete(delete)
        case .react(let react): return .react(react)
        case .addParticipants(let add): return .addParticipants(add)
        case .removeParticipant(let remove): return .removeParticipant(remove)
        case .setModerator(let set): return .setModerator(set)
        case .close(let close): return .close(close)
        case .read(let read): return .read(read)
        case .markUnread: return .markUnread
        case .star(let mark): return .star(mark)
        case .hide(let mark): return .hide(mark)
        case .archive(let archive): return .archive(archive)
        case .mute(let mute): return .mute(mute)
        }
    }

    private func sealed(_ send: SendRequest, _ command: ReplicatedCommand, direct: MemberID?) throws -> Send {
        guard let message = send.message else { preconditionFailure("a converter computes the message's id") }
        let plaintext = send.content.canonicalJSON()
        return Send(
            message: message, clientToken: send.clientToken ?? [],
            content: try seal(plaintext, message: message, command),
            digest: try sealer.digest(content: plaintext, replyTo: send.replyTo, conversation: command.conversation),
            replyTo: send.replyTo, sentAt: send.sentAt, direct: direct)
    }

    private func seal(_ plaintext: [UInt8], message: MessageID, _ command: ReplicatedCommand) throws -> Sealed {
        try sealer.seal(
            plaintext,
            binding: .body(
                conversation: command.conversation, message: message, author: command.actor, command: command.id))
    }

    private func seal(title: [UInt8], _ command: ReplicatedCommand) throws -> Sealed {
        try sealer.seal(
            title, binding: .title(conversation: command.conversation, author: command.actor, command: command.id))
    }
}

extension ReplicatedCommand {
    fileprivate var sealsSomething: Bool {
        switch kind {
        case .createConversation, .send, .sendDirect, .edit, .rename: true
        default: false
        }
    }
}
