public import LegacyMailbox
import Messaging

/// Whether a copy is read is said of that copy alone (SEMANTICS 22), so what lies before it keeps its own flag.
public struct ReadConverter: Converter {
    public let name = "read"
    public let useCase = "A copy read or unread is a message read or unread by the copy's owner."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard let copy = context.copy, write.operation != .delete, copy.row.owner != copy.row.sender else { return }
        commands.describe(copy, write, context, converter: name) { $0.isRead = copy.row.readAt != nil }
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
        guard let copy = context.copy, write.operation != .delete else { return }
        commands.describe(copy, write, context, converter: name) { $0.isStarred = copy.row.starred }
    }
}
