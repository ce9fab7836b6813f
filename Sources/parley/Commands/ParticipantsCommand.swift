import Arguments
import Messaging
import MessagingService
import SharedContent

/// `parley participants C --as M`: lists them, or with `--add` and `--remove` changes them.
enum ParticipantsCommand: Subcommand {
    private static let add = Option.list(
        "add", placeholder: "M", help: "A member to add.", convert: IDValues.member)
    private static let remove = Option.list(
        "remove", placeholder: "M", help: "A member to remove; the actor itself leaves.", convert: IDValues.member)

    static let declaration = CommandDeclaration(
        "participants", section: Section.reading, summary: "list who is and was in a conversation, or add and remove",
        discussion: [
            "The list has an entry for each time somebody was inside, in order of joining.",
            "With --add or --remove: those to add are added together; then each one to remove is removed. "
                + ByHand.discussion,
        ],
        positionals: [ByHand.conversation.declaration],
        options: [ByHand.actor.declaration, add.declaration, remove.declaration] + ReadOptions.list,
        examples: [
            .init("parley participants $CONVERSATION --as $ME --json", "A JSON line for every entry."),
            .init("parley participants $CONVERSATION --as $ME --add $YOU", "Adds a member."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        var kinds: [CommandRequest.Kind] = []
        if !arguments[add].isEmpty { kinds.append(.addParticipants(AddParticipants(members: arguments[add]))) }
        kinds += arguments[remove].map { .removeParticipant(RemoveParticipant(member: $0)) }
        if kinds.isEmpty { return try list(arguments, console) }
        let requests = kinds.map {
            CommandRequest(
                actor: arguments[ByHand.actor], conversation: arguments[ByHand.conversation], kind: $0)
        }
        return try ByHand.write(requests, arguments, console)
    }

    private static func list(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let id = arguments[ByHand.conversation]
        let found = try Reading.open(arguments).participants(
            of: id, as: arguments[ByHand.actor], after: arguments[ReadOptions.after],
            limit: arguments[ReadOptions.limit], atLeast: arguments.freshness)
        guard let answer = found.unwrapped() else { return Reading.notThere("conversation \(id)") }
        if console.json {
            try Reading.print(answer, console) { $0.write(to: &$1) }
            return .done
        }
        var table = TextTable([("MEMBER", .left), ("JOINED", .left), ("LEFT", .left), ("", .left)])
        for entry in answer.value.items {
            table.add([
                "\(entry.member)", TextTime.text(micros: entry.interval.joined),
                entry.interval.left.map { TextTime.text(micros: $0) } ?? "-",
                entry.interval.isModerator ? "moderator" : "",
            ])
        }
        try console.output.write(table.text)
        Reading.noteNext(answer.value.next)
        return .done
    }
}
