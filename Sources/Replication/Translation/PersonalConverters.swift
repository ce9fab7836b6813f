public import LegacyMailbox
import Messaging

/// A copy that is read was read up to there.
///
/// It reads up to the message, which reads what lies before it too: the flag of one copy (SEMANTICS 22) needs a register
/// of its own in the fold.
public struct ReadConverter: Converter {
    public let name = "read"
    public let useCase = "A copy marked as read moves its owner's read marker."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .copy(let row) = write.row, write.operation != .delete, row.readAt != nil, row.owner != row.sender
        else { return }
        let message = context.message(of: row)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: "read"),
                actor: context.identifiers.member(owner: row.owner),
                conversation: context.identifiers.conversation(thread: row.thread),
                kind: .read(Read(upTo: .message(message), isPrivate: false)), sourceVersion: write.sourceVersion,
                converter: name))
    }
}

/// A starred copy is a star.
public struct StarConverter: Converter {
    public let name = "star"
    public let useCase = "A star set on or taken from a copy is its owner's star on the message."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .copy(let row) = write.row, write.operation != .delete else { return }
        // A new row without a star has nothing to take back.
        guard row.starred || write.operation == .update else { return }
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: "star"),
                actor: context.identifiers.member(owner: row.owner),
                conversation: context.identifiers.conversation(thread: row.thread),
                kind: .star(Mark(message: context.message(of: row), on: row.starred)),
                sourceVersion: write.sourceVersion, converter: name))
    }
}
