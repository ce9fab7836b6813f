import Arguments
import Messaging
import MessagingService
import PersonalMetadata

/// `parley unread --as M`
enum UnreadCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "unread", section: Section.reading, summary: "list conversations with unread messages or marked unread",
        discussion: ["Muted and archived ones too, in the mailbox's order."],
        options: [ReadOptions.member.declaration] + ReadOptions.list,
        examples: [.init("parley unread --as MEMBER --json", "A line each, then one with the token of the next page.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let answer = try Reading.open(arguments).unread(
            of: arguments[ReadOptions.member], after: arguments[ReadOptions.after],
            limit: arguments[ReadOptions.limit], atLeast: arguments.freshness)
        if console.json {
            try Reading.print(answer, console) { $0.writeUnreadLine(to: &$1) }
            return .done
        }
        var table = TextTable([("UNREAD", .right), ("MARKED", .left), ("CONVERSATION", .left)])
        for entry in answer.value.items {
            table.add([
                "\(entry.unread.count)\(entry.unread.isCapped ? "+" : "")", entry.row.isMarkedUnread ? "yes" : "",
                "\(entry.conversation)",
            ])
        }
        try console.output.write(table.text)
        Reading.noteNext(answer.value.next)
        return .done
    }
}
