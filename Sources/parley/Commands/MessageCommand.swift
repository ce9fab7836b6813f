import Arguments
import Messaging
import MessagingService
import SharedContent

/// `parley message C MSG --as M`
enum MessageCommand: Subcommand {
    private static let conversation = Positional.one(
        "CONVERSATION", help: "The conversation's id.", convert: IDValues.conversation)
    private static let message = Positional.one("MESSAGE", help: "The message's id.", convert: IDValues.message)

    static let declaration = CommandDeclaration(
        "message", section: Section.reading, summary: "show one message with its versions",
        positionals: [conversation.declaration, message.declaration],
        options: [ReadOptions.member.declaration] + ReadOptions.freshness,
        examples: [.init("parley message CONVERSATION MESSAGE --as MEMBER --json", "The message as a JSON object.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let key = ConversationMessage(arguments[conversation], arguments[message])
        let found = try Reading.open(arguments).message(
            key, as: arguments[ReadOptions.member], atLeast: arguments.freshness)
        guard let answer = found.value else {
            return Reading.notThere("message \(key.message) of conversation \(key.conversation)")
        }
        if console.json {
            try Reading.print(console) { answer.write(to: &$0) }
        } else {
            try console.output.write(MessageText.text(answer.answer))
            if answer.versions.count > 1 { try console.output.write(versions(answer)) }
        }
        return .done
    }

    private static func versions(_ answer: MessageWithVersions) throws -> String {
        var text = "\nVersions, oldest first:\n"
        for version in answer.versions {
            text += "  \(TextTime.text(micros: version.ord))  \(version.id)\n"
            let lines = try version.content.map { try MessageText.body($0) } ?? ["    (erased)"]
            text += lines.joined(separator: "\n") + "\n"
        }
        return text
    }
}
