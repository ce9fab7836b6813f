import Arguments
import Messaging

/// `parley edit`
enum EditCommand: Subcommand {
    private static let text = Positional.one(
        "TEXT", help: "The new text; - reads it from standard input.", convert: Values.text)
    private static let mentions = Option.list(
        "mention", placeholder: "M", help: "A member who is mentioned.", convert: IDValues.member)
    private static let expectedVersion = Option<CommandID?>.optional(
        "expected-version", placeholder: "ID", help: "Only when this version is the current one.",
        convert: IDValues.command)

    static let declaration = CommandDeclaration(
        "edit", section: Section.byHand, summary: "give a message a new version", discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration, ByHand.message.declaration, text.declaration],
        options: ByHand.options + [mentions.declaration, expectedVersion.declaration],
        examples: [.init("parley edit $CONVERSATION $MESSAGE --as $ME 'hello, all'", "Replaces what it says.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let content = Content(text: try InputFile.text(arguments[text]), mentions: arguments[mentions])
        let edit = EditRequest(
            message: arguments[ByHand.message], content: content, expectedVersion: arguments[expectedVersion])
        return try ByHand.write(.edit(edit), in: arguments[ByHand.conversation], arguments, console)
    }
}
