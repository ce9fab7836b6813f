import Arguments
import Deployment
import Messaging
import TimeTravel

/// `parley explain message|conversation|unread|mailbox|command C ...`
enum ExplainCommand: Subcommand {
    private static let words = ["message", "conversation", "unread", "mailbox", "command"]
    private static let what = Positional.one(
        "WHAT", help: "message, conversation, unread, mailbox or command.", completion: .words(words),
        convert: Values.word(of: words))
    private static let conversation = Positional.one(
        "CONVERSATION", help: "The conversation's id.", convert: IDValues.conversation)
    private static let id = Positional<Identifier?>.optional(
        "ID", help: "The message's id, or the command's.", convert: IDValues.identifier)
    private static let member = Option<MemberID?>.optional(
        "as", placeholder: "MEMBER",
        help: "Whose unread count or mailbox; of a message: as this member sees it; of a command: one for themselves.",
        convert: IDValues.member)

    static let declaration = CommandDeclaration(
        "explain", section: Section.running, summary: "say which records made something what it is",
        discussion: [
            "Applies the records of the conversation (and the member) again, one by one, and prints for each field the one "
                + "with which it last became what it is: position, append time, actor, command id, origin, outcome. Of a "
                + "count it prints all that changed it since it was last nothing. Then what was refused, and why. With "
                + "--json a line a field. Content, titles and reasons of deletions are shown as -.",
            "Of a command: what became of it, and of what the fields that decided that were then.",
        ],
        positionals: [what.declaration, conversation.declaration, id.declaration],
        options: [member.declaration, PastOptions.moment.declaration],
        examples: [
            .init("parley explain message $C $MSG", "Why the message is as it is."),
            .init("parley explain unread $C --as $M", "Why so many are unread."),
            .init("parley explain command $C $ID", "Why the command was rejected."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let subject = try subject(arguments)
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let progress = PastProgress(console)
        let explainer = try Explainer(
            subject, in: deployment.log, asOf: arguments[PastOptions.moment], progress: progress.show)
        let fields: [ExplainedField]?
        do {
            fields = try explainer.run()
            progress.end()
        } catch let error as TimeTravelError where error.code == .interrupted {
            progress.end()
            return console.stop.exitCode ?? .tryAgain
        }
        guard let fields else {
            Console.complain("not there: nothing to explain of \(arguments[what]) \(arguments[conversation])")
            return .no
        }
        if console.json {
            for field in fields { try Reading.print(console, field.write) }
        } else {
            try console.output.write(ExplanationText.text(fields))
        }
        return .done
    }

    private static func subject(_ arguments: ParsedArguments) throws -> ExplainedSubject {
        let conversation = arguments[conversation]
        switch (arguments[what], arguments[id], arguments[member]) {
        case ("message", let id?, let member):
            return .message(ConversationMessage(conversation, MessageID(id)), as: member)
        case ("command", let id?, let member): return .command(conversation, CommandID(id), as: member)
        case ("conversation", nil, nil): return .conversation(conversation)
        case ("unread", nil, let member?): return .unread(conversation, as: member)
        case ("mailbox", nil, let member?): return .mailbox(conversation, as: member)
        default:
            throw Failure(
                .wrongUsage,
                "explain: give message C MSG [--as M], conversation C, unread C --as M, mailbox C --as M, or command C ID "
                    + "[--as M]")
        }
    }
}
