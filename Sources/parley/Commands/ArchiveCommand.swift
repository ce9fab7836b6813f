import Arguments
import Messaging

/// `parley archive`
enum ArchiveCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "archive", section: Section.byHand, summary: "archive a conversation, for oneself, until something new comes",
        discussion: [ByHand.discussion], positionals: [ByHand.conversation.declaration],
        options: ByHand.options + [
            ByHand.upToMessage.declaration, ByHand.upToOrd.declaration, ByHand.off.declaration,
        ],
        examples: [.init("parley archive $CONVERSATION --as $ME", "Archives it with all that has come so far.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let isOff = arguments[ByHand.off]
        if isOff, arguments[ByHand.upToMessage] != nil || arguments[ByHand.upToOrd] != nil {
            throw Failure(.wrongUsage, "--off: takes neither --message nor --up-to: leave them out")
        }
        let upTo = isOff ? nil : try ByHand.upTo(arguments)
        return try ByHand.write(
            .archive(Archive(upTo: upTo)), in: arguments[ByHand.conversation], arguments, console)
    }
}
