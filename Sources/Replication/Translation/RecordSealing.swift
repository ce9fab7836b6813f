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
    /// What records say of converters, by their names; there are few such lists.
    private var verdicts: [(converters: [String], verdicts: [HookVerdict])] = []

    init(keys: any KeyService, partitionCounts: PartitionCounts) throws {
        sealer = try ContentSealer(keys: keys)
        self.partitionCounts = partitionCounts
    }

    /// Fetches the keys of a batch in one durable step.
    func begin(_ commands: some Sequence<ReplicatedCommand>) throws {
        var members: Set<MemberID> = []
        var conversations: Set<ConversationID> = []
        for command in commands where command.sealsSomething {
            members.insert(command.actor)
            conversations.insert(command.conversation)
        }
        try sealer.beginBatch(
            sealingFor: members.map { .member($0) } + conversations.map { .conversation($0) })
    }

    /// Adds the commands of one legacy write, all or none.
    /// - Throws: `WireError` when a record is above a limit, `ContentProtectionError`.
    func add(_ commands: [ReplicatedCommand], to batch: inout AppendBatch) throws {
        let before = batch.count
        do { for command in commands { try add(command, to: &batch) } } catch {
            batch.removeAll(behind: before)
            throw error
        }
    }

    private func add(_ command: ReplicatedCommand, to batch: inout AppendBatch) throws {
        let record = try record(of: command)
        let topic: Topic = record.command.isPersonal ? .memberCommands : .conversationCommands
        let partition = Partitioner.partition(of: record.key, count: partitionCounts[topic])
        try batch.add(to: TopicPartition(topic, partition), keyHigh: record.key.high, keyLow: record.key.low) {
            try RecordCodec.encode(record, into: &$0)
        }
    }

    private func record(of command: ReplicatedCommand) throws -> Record {
        Record(
            id: command.id, actor: command.actor, conversation: command.conversation,
            command: try sealed(command), origin: .legacy, sourceVersion: command.sourceVersion,
            verdicts: verdicts(of: command.converters))
    }

    private func verdicts(of converters: [String]) -> [HookVerdict] {
        for known in verdicts where known.converters == converters { return known.verdicts }
        let made = converters.map { name in
            HookVerdict(
                hook: Array("converter:\(name)".utf8), version: Array("1".utf8), decision: .replaced, durationMicros: 0)
        }
        if verdicts.count < 64 { verdicts.append((converters, made)) }
        return made
    }

    private func sealed(_ command: ReplicatedCommand) throws -> Command {
        switch command.kind {
        case .found(let title):
            let title = try seal(title: title, command)
            return .createConversation(CreateConversation(participants: [], title: title, history: .fromJoin))
        case .rename(let title): return .rename(Rename(title: try seal(title: title, command)))
        case .stay(let stay): return .stay(stay)
        case .send(let message): return .send(try sealed(message, command))
        case .edit(let message, let content, let editedAt):
            return .edit(try sealed(edit: content, of: message, at: editedAt, command))
        case .delete(let delete): return .delete(delete)
        case .copyState(let state): return .copyState(state)
        case .archive(let archive): return .archive(archive)
        }
    }

    private func sealed(_ sent: LegacyMessage, _ command: ReplicatedCommand) throws -> Send {
        let plaintext = try canonical(sent.content)
        var token: [UInt8] = []
        token.reserveCapacity(36)
        sent.message.value.appendText(to: &token)
        return Send(
            message: sent.message, clientToken: token,
            content: try seal(plaintext, message: sent.message, command),
            digest: try sealer.digest(content: plaintext, replyTo: sent.replyTo, conversation: command.conversation),
            replyTo: sent.replyTo, sentAt: CalendarTime.text(micros: sent.sentAt), direct: nil,
            legacyOrd: sent.sentAt.asOrd)
    }

    private func sealed(
        edit content: Content, of message: MessageID, at editedAt: Int64, _ command: ReplicatedCommand
    ) throws -> Edit {
        let plaintext = try canonical(content)
        let digest = try sealer.digest(content: plaintext, replyTo: nil, conversation: command.conversation)
        return Edit(
            message: message, content: try seal(plaintext, message: message, command), expectedVersion: nil,
            legacy: LegacyEdit(ord: editedAt.asOrd, digest: digest))
    }

    /// - Throws: `WireError`: as JSON a body can be longer than it is.
    private func canonical(_ content: Content) throws -> [UInt8] {
        let plaintext = content.canonicalJSON()
        guard plaintext.count <= Limits.contentBytes else {
            throw WireError(
                .tooLarge,
                "a body and its attachments are \(plaintext.count) bytes as JSON; at most \(Limits.contentBytes): keep the "
                    + "rest as a file")
        }
        return plaintext
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
        case .found, .rename, .send, .edit: true
        default: false
        }
    }
}
