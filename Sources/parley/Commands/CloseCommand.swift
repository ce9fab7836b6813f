import Arguments
import Messaging

/// `parley close`
enum CloseCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "close", section: Section.byHand, summary: "close a conversation to new messages",
        discussion: [ByHand.discussion], positionals: [ByHand.conversation.declaration],
        options: ByHand.options + [ByHand.off.declaration],
        examples: [.init("parley close $CONVERSATION --as $ME", "Moderators may open it again with --off.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        try ByHand.write(
            .close(Close(on: !arguments[ByHand.off])), in: arguments[ByHand.conversation], arguments, console)
    }
}
