import Arguments
import MessagingService

/// `parley stars --as M`
enum StarsCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "stars", section: Section.reading, summary: "list a member's starred messages, newest first",
        options: [ReadOptions.member.declaration] + ReadOptions.list,
        examples: [.init("parley stars --as MEMBER --limit 10", "The ten newest.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let answer = try Reading.open(arguments).stars(
            of: arguments[ReadOptions.member], after: arguments[ReadOptions.after],
            limit: arguments[ReadOptions.limit], atLeast: arguments.freshness)
        if console.json {
            try Reading.print(answer, console) { $0.write(to: &$1) }
            return .done
        }
        for message in answer.value.items { try console.output.write(MessageText.text(message)) }
        Reading.noteNext(answer.value.next)
        return .done
    }
}
