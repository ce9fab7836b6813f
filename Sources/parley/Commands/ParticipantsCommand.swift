import Arguments
import Messaging
import MessagingService
import SharedContent

/// `parley participants C --as M`
enum ParticipantsCommand: Subcommand {
    private static let conversation = Positional.one(
        "CONVERSATION", help: "Its id.", convert: IDValues.conversation)

    static let declaration = CommandDeclaration(
        "participants", section: Section.reading, summary: "list who is and was in a conversation",
        discussion: ["An entry for each time somebody was inside, in order of joining."],
        positionals: [conversation.declaration], options: [ReadOptions.member.declaration] + ReadOptions.list,
        examples: [.init("parley participants CONVERSATION --as MEMBER --json", "A JSON line for every entry.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let id = arguments[conversation]
        let found = try Reading.open(arguments).participants(
            of: id, as: arguments[ReadOptions.member], after: arguments[ReadOptions.after],
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
