import Arguments
import Messaging

/// `parley participants`
enum ParticipantsCommand: Subcommand {
    private static let add = Option.list(
        "add", placeholder: "M", help: "A member to add.", convert: IDValues.member)
    private static let remove = Option.list(
        "remove", placeholder: "M", help: "A member to remove; the actor itself leaves.", convert: IDValues.member)

    static let declaration = CommandDeclaration(
        "participants", section: Section.byHand, summary: "add members to a group, or remove them",
        discussion: ["Those to add are added together; then each one to remove is removed.", ByHand.discussion],
        positionals: [ByHand.conversation.declaration],
        options: [ByHand.actor.declaration, add.declaration, remove.declaration],
        examples: [.init("parley participants $CONVERSATION --as $ME --add $YOU", "Adds a member.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        var kinds: [CommandRequest.Kind] = []
        if !arguments[add].isEmpty { kinds.append(.addParticipants(AddParticipants(members: arguments[add]))) }
        kinds += arguments[remove].map { .removeParticipant(RemoveParticipant(member: $0)) }
        guard !kinds.isEmpty else {
            throw Failure(.wrongUsage, "participants: nobody to add or remove: give --add or --remove")
        }
        let requests = kinds.map {
            CommandRequest(
                actor: arguments[ByHand.actor], conversation: arguments[ByHand.conversation], kind: $0)
        }
        return try ByHand.write(requests, arguments, console)
    }
}
