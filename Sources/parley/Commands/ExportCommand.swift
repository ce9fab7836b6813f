import Arguments
import MessagingService
import Wire

/// `parley export --as M`
enum ExportCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "export", section: Section.reading, summary: "print everything a member may see, as JSON Lines",
        discussion: [
            "For each conversation, left and archived ones too, newest activity first: its row as in the mailbox, then its "
                + "messages in order."
        ],
        options: [ReadOptions.member.declaration] + ReadOptions.freshness,
        examples: [.init("parley export --as MEMBER > mine.jsonl", "Hands a member all their data.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        var writer = JSONWriter()
        try Reading.open(arguments).export(of: arguments[ReadOptions.member], atLeast: arguments.freshness) { piece in
            writer.removeAll()
            switch piece {
            case .row(let row): row.write(to: &writer)
            case .message(let message): message.write(to: &writer)
            }
            writer.endLine()
            try console.output.write(writer.bytes)
        }
        return .done
    }
}
