import Arguments
import MessagingService
import PersonalMetadata

/// `parley receipts C --as M`
enum ReceiptsCommand: Subcommand {
    private static let conversation = Positional.one(
        "CONVERSATION", help: "Its id.", convert: IDValues.conversation)

    static let declaration = CommandDeclaration(
        "receipts", section: Section.reading, summary: "show how far each participant has read in public",
        positionals: [conversation.declaration], options: [ReadOptions.member.declaration] + ReadOptions.list,
        examples: [.init("parley receipts CONVERSATION --as MEMBER", "A line for every participant.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let id = arguments[conversation]
        let found = try Reading.open(arguments).receipts(
            of: id, as: arguments[ReadOptions.member], after: arguments[ReadOptions.after],
            limit: arguments[ReadOptions.limit], atLeast: arguments.freshness)
        guard let answer = found.unwrapped() else { return Reading.notThere("conversation \(id)") }
        if console.json {
            try Reading.print(answer, console) { $0.write(to: &$1) }
            return .done
        }
        var table = TextTable([("MEMBER", .left), ("READ UP TO", .left)])
        for receipt in answer.value.items {
            table.add(["\(receipt.member)", receipt.readUpTo.map { TextTime.text(micros: $0) } ?? "-"])
        }
        try console.output.write(table.text)
        Reading.noteNext(answer.value.next)
        return .done
    }
}
