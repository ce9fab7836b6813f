import Arguments
import Messaging

/// `parley read`
enum ReadCommand: Subcommand {
    private static let isPrivate = Option.flag("private", help: "Show it in nobody's receipts.")

    static let declaration = CommandDeclaration(
        "read", section: Section.byHand, summary: "mark a conversation as read up to a point",
        discussion: [ByHand.discussion], positionals: [ByHand.conversation.declaration],
        options: ByHand.options + [
            ByHand.upToMessage.declaration, ByHand.upToOrd.declaration, isPrivate.declaration,
        ],
        examples: [.init("parley read $CONVERSATION --as $ME", "Everything up to now is read.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let read = Read(upTo: try ByHand.upTo(arguments), isPrivate: arguments[isPrivate])
        return try ByHand.write(.read(read), in: arguments[ByHand.conversation], arguments, console)
    }
}
