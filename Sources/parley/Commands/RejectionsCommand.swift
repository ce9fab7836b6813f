import Arguments
import Messaging
import MessagingService
import SharedContent

/// `parley rejections [--as M]`
enum RejectionsCommand: Subcommand {
    private static let actor = Option<MemberID?>.optional(
        "as", placeholder: "MEMBER", help: "Only this member's.", defaultText: "everybody's", convert: IDValues.member)

    static let declaration = CommandDeclaration(
        "rejections", section: Section.reading, summary: "list commands that had no effect, and why",
        options: [actor.declaration] + ReadOptions.list,
        examples: [.init("parley rejections --as MEMBER", "What was refused to a member.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let answer = try Reading.open(arguments).rejections(
            of: arguments[actor], after: arguments[ReadOptions.after], limit: arguments[ReadOptions.limit],
            atLeast: arguments.freshness)
        if console.json {
            try Reading.print(answer, console) { $0.write(to: &$1) }
            return .done
        }
        var table = TextTable([
            ("POSITION", .left), ("REASON", .left), ("COMMAND", .left), ("ID", .left), ("ACTOR", .left),
            ("CONVERSATION", .left),
        ])
        for entry in answer.value.items {
            table.add([
                "\(entry.position)", entry.reason.name, entry.command, "\(entry.id)", "\(entry.actor)",
                "\(entry.conversation)",
            ])
        }
        try console.output.write(table.text)
        Reading.noteNext(answer.value.next)
        return .done
    }
}
