import Arguments
import Messaging

/// `parley mute`
enum MuteCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "mute", section: Section.byHand, summary: "mute a conversation, for oneself", discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration], options: ByHand.options + [ByHand.off.declaration],
        examples: [.init("parley mute $CONVERSATION --as $ME", "It no longer counts in the badge.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        try ByHand.write(
            .mute(Mute(on: !arguments[ByHand.off])), in: arguments[ByHand.conversation], arguments, console)
    }
}
