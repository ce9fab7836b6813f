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
        let kind: ReplicatedCommand.Kind = isNew ? .found(title: row.subject) : .rename(title: row.subject)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: isNew ? "create" : "rename"),
                actor: context.owner, conversation: context.conversation, kind: kind,
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// Who is in a thread is a participant.
public struct MembershipConverter: Converter {
    public let name = "membership"
    public let useCase =
        "Whoever joins or leaves a thread joins or leaves its conversation, at the time it happened there."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .participant(let row) = write.row else { return }
        let member = context.owner
        let left = row.leftAt ?? (write.operation == .delete ? write.sourceVersion : nil)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: "stay"), actor: member,
                conversation: context.conversation,
                kind: .stay(Stay(member: member, joined: row.joinedAt.asOrd, left: left?.asOrd)),
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// A thread in the archive folder is archived up to what it held when it was moved there.
public struct FolderConverter: Converter {
    public let name = "folder"
    public let useCase = "A thread moved to the archive folder is archived, and comes back with it."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .participant(let row) = write.row, write.operation != .delete else { return }
        let isArchived = row.folder == LegacyFolder.archive
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: "folder"),
                actor: context.owner, conversation: context.conversation,
                kind: .archive(Archive(upTo: isArchived ? .ord(write.sourceVersion.asOrd) : nil)),
                sourceVersion: write.sourceVersion, converter: name))
    }
}
