import Arguments
import Messaging

/// `parley delete`
enum DeleteCommand: Subcommand {
    private static let reason = Option<String?>.optional(
        "reason", placeholder: "TEXT", help: "Why, for everybody to see.", convert: Values.text)
    private static let version = Option<CommandID?>.optional(
        "version", placeholder: "ID", help: "Withdraw only this version of the message.", convert: IDValues.command)

    static let declaration = CommandDeclaration(
        "delete", section: Section.byHand, summary: "delete a message, or one version of it, for everyone",
        discussion: [ByHand.discussion],
        positionals: [ByHand.conversation.declaration, ByHand.message.declaration],
        options: ByHand.options + [reason.declaration, version.declaration],
        examples: [.init("parley delete $CONVERSATION $MESSAGE --as $ME --reason 'a mistake'", "Leaves a tombstone.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let delete = Delete(
            message: arguments[ByHand.message], version: arguments[version],
            reason: arguments[reason].map { Array($0.utf8) })
        return try ByHand.write(.delete(delete), in: arguments[ByHand.conversation], arguments, console)
    }
}
