import Arguments
import Messaging

/// `parley hide`
enum HideCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "hide", section: Section.byHand, summary: "hide a message from oneself", discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration, ByHand.message.declaration],
        options: ByHand.options + [ByHand.off.declaration],
        examples: [.init("parley hide $CONVERSATION $MESSAGE --as $ME", "Deletes it for this member only.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let mark = Mark(message: arguments[ByHand.message], on: !arguments[ByHand.off])
        return try ByHand.write(.hide(mark), in: arguments[ByHand.conversation], arguments, console)
    }
}
