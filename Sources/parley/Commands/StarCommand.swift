import Arguments
import Messaging

/// `parley star`
enum StarCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "star", section: Section.byHand, summary: "star a message, for oneself", discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration, ByHand.message.declaration],
        options: ByHand.options + [ByHand.off.declaration],
        examples: [.init("parley star $CONVERSATION $MESSAGE --as $ME", "Keeps it among the starred ones.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let mark = Mark(message: arguments[ByHand.message], on: !arguments[ByHand.off])
        return try ByHand.write(.star(mark), in: arguments[ByHand.conversation], arguments, console)
    }
}
