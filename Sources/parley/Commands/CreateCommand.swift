import Arguments
import EventLog
import Messaging
import MessagingService

/// `parley create`
enum CreateCommand: Subcommand {
    private static let conversation = Positional<ConversationID?>.optional(
        "C", help: "The id of the new conversation; a new one when left out.", convert: IDValues.conversation)
    private static let participants = Option.list(
        "participant", placeholder: "M", help: "A member who is inside from the start; the actor always is.",
        convert: IDValues.member)
    private static let title = Option<String?>.optional(
        "title", placeholder: "TEXT", help: "What it is called.", convert: Values.text)
    private static let history = Option.value(
        "history", placeholder: "WORD", default: "fromJoin", defaultText: "fromJoin",
        help: "What those who join later see of before: fromJoin or all.",
        completion: .words(["fromJoin", "all"]), convert: Values.word(of: ["fromJoin", "all"]))

    static let declaration = CommandDeclaration(
        "create", section: Section.byHand, summary: "make a group conversation", discussion: [ByHand.discussion],
        positionals: [conversation.declaration],
        options: ByHand.options + [participants.declaration, title.declaration, history.declaration],
        examples: [
            .init("parley create --as $ME --participant $YOU --title 'Harbour walk'", "Makes a group of two.")
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let create = CreateRequest(
            participants: arguments[participants], title: arguments[title].map { Array($0.utf8) },
            history: arguments[history] == "all" ? .all : .fromJoin)
        let minted = ConversationID(CommandIDMint().mint(nowMicros: LogClock.system.nowMicros()).value)
        return try ByHand.write(
            .createConversation(create), in: arguments[conversation] ?? minted, arguments, console)
    }
}
