import Arguments
import Messaging

/// `parley send`
enum SendCommand: Subcommand {
    private static let conversation = Positional<ConversationID?>.optional(
        "C", help: "The conversation; left out with --to.", convert: IDValues.conversation)
    private static let text = Positional.one(
        "TEXT", help: "What to say; - reads it from standard input.", convert: Values.text)
    private static let to = Option<MemberID?>.optional(
        "to", placeholder: "M", help: "Send to this member directly; makes the conversation of the two when it is new.",
        convert: IDValues.member)
    private static let replyTo = Option<MessageID?>.optional(
        "reply-to", placeholder: "MSG", help: "The message that this one answers.", convert: IDValues.message)
    private static let token = Option<String?>.optional(
        "token", placeholder: "TEXT", help: "The client token: sent again with it, it is the same message.",
        defaultText: "the command id", convert: Values.nonEmpty)
    private static let mentions = Option.list(
        "mention", placeholder: "M", help: "A member who is mentioned.", convert: IDValues.member)

    static let declaration = CommandDeclaration(
        "send", section: Section.byHand, summary: "send a message", discussion: [ByHand.discussion],
        positionals: [conversation.declaration, text.declaration],
        options: ByHand.options + [
            to.declaration, replyTo.declaration, token.declaration, mentions.declaration,
        ],
        examples: [
            .init("parley send --as $ME --to $YOU 'hello'", "Sends to a member directly."),
            .init("parley send $CONVERSATION --as $ME 'hello'", "Sends to a conversation."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let send = SendRequest(
            clientToken: arguments[token].map { Array($0.utf8) },
            content: Content(text: try InputFile.text(arguments[text]), mentions: arguments[mentions]),
            replyTo: arguments[replyTo])
        switch (arguments[conversation], arguments[to]) {
        case (let conversation?, nil): return try ByHand.write(.send(send), in: conversation, arguments, console)
        case (nil, let to?): return try ByHand.write(.sendDirect(to: to, send), in: nil, arguments, console)
        default: throw Failure(.wrongUsage, "send: name a conversation or --to, one of the two: see parley send --help")
        }
    }
}
