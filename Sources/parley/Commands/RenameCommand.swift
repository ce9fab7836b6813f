import Arguments
import Messaging

/// `parley rename`
enum RenameCommand: Subcommand {
    private static let title = Positional.one("TITLE", help: "What it is called from now on.", convert: Values.text)

    static let declaration = CommandDeclaration(
        "rename", section: Section.byHand, summary: "give a conversation a title", discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration, title.declaration], options: ByHand.options,
        examples: [.init("parley rename $CONVERSATION --as $ME 'Harbour walk'", "Any participant may.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        try ByHand.write(
            .rename(title: Array(arguments[title].utf8)), in: arguments[ByHand.conversation], arguments, console)
    }
}
