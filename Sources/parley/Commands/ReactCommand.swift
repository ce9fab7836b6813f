import Arguments
import Messaging

/// `parley react`
enum ReactCommand: Subcommand {
    private static let reaction = Positional.one(
        "REACTION", help: "Any short text; write -- before one that begins with a dash.", convert: Values.nonEmpty)

    static let declaration = CommandDeclaration(
        "react", section: Section.byHand, summary: "react to a message", discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration, ByHand.message.declaration, reaction.declaration],
        options: ByHand.options + [ByHand.off.declaration],
        examples: [
            .init("parley react $CONVERSATION $MESSAGE --as $ME +1", "Reacts."),
            .init("parley react $CONVERSATION $MESSAGE --as $ME --off +1", "Takes it back."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let react = React(
            message: arguments[ByHand.message], reaction: Array(arguments[reaction].utf8), on: !arguments[ByHand.off])
        return try ByHand.write(.react(react), in: arguments[ByHand.conversation], arguments, console)
    }
}
