public import LegacyMailbox
import Messaging

/// A legacy thread becomes a group; its title is the conversation's.
public struct ThreadConverter: Converter {
    public let name = "thread"
    public let useCase = "A thread becomes a conversation with the same title, and is renamed with it."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .thread(let row) = write.row, write.operation != .delete else { return }
        guard row.subject.count <= Limits.titleBytes else {
            throw ReplicationError(
                .untranslatable, "a title of \(row.subject.count) bytes; at most \(Limits.titleBytes): shorten it there"
            )
        }
        let isNew = write.operation != .update
        let kind: CommandRequest.Kind =
            isNew
            ? .createConversation(
                CreateRequest(participants: [], title: row.subject.isEmpty ? nil : row.subject, history: .fromJoin))
            : .rename(title: row.subject)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: isNew ? "create" : "rename"),
                actor: context.identifiers.member(owner: row.creator),
                conversation: context.identifiers.conversation(thread: row.thread), kind: kind,
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// Who is in a thread is a participant.
public struct MembershipConverter: Converter {
    public let name = "membership"
    public let useCase = "Whoever joins or leaves a thread joins or leaves its conversation."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .participant(let row) = write.row else { return }
        let member = context.identifiers.member(owner: row.owner)
        let isInside = row.leftAt == nil && write.operation != .delete
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: isInside ? "join" : "leave"), actor: member,
                conversation: context.identifiers.conversation(thread: row.thread),
                kind: isInside
                    ? .addParticipants(AddParticipants(members: [member]))
                    : .removeParticipant(RemoveParticipant(member: member)),
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// A thread in the archive folder is archived up to what it holds by then.
public struct FolderConverter: Converter {
    public let name = "folder"
    public let useCase = "A thread moved to the archive folder is archived, and comes back with it."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .participant(let row) = write.row, write.operation != .delete else { return }
        let isArchived = row.folder == LegacyFolder.archive
        // A new row that is not archived has nothing to take back.
        guard isArchived || write.operation == .update else { return }
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: "folder"),
                actor: context.identifiers.member(owner: row.owner),
                conversation: context.identifiers.conversation(thread: row.thread),
                kind: .archive(Archive(upTo: isArchived ? .ord(context.nowMicros) : nil)),
                sourceVersion: write.sourceVersion, converter: name))
    }
}
