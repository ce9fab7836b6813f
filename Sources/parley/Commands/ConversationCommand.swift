import Arguments
import Messaging
import MessagingService
import SharedContent
import TimeTravel

/// `parley conversation C --as M`
enum ConversationCommand: Subcommand {
    private static let conversation = Positional.one(
        "CONVERSATION", help: "Its id.", convert: IDValues.conversation)

    static let declaration = CommandDeclaration(
        "conversation", section: Section.reading, summary: "show a page of a conversation, oldest message first",
        discussion: [
            "The newest page when neither --before nor --after is given. \"next\" is there on the newest page too: ask with "
                + "it for what comes."
        ],
        positionals: [conversation.declaration],
        options: [
            ReadOptions.member.declaration, ReadOptions.limit.declaration, ReadOptions.before.declaration,
            ReadOptions.after.declaration,
            PastOptions.moment.declaration,
        ] + ReadOptions.freshness,
        examples: [.init("parley conversation CONVERSATION --as MEMBER --limit 20", "The newest 20 messages.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let id = arguments[conversation]
        let member = arguments[ReadOptions.member]
        let views = try Reading.open(arguments, console) { past, content in
            try past.conversation(id, as: member, content: content)
        }
        let found = try views.conversation(
            id, as: member, try page(arguments), limit: arguments[ReadOptions.limit], atLeast: arguments.freshness)
        guard let answer = found.unwrapped() else { return Reading.notThere("conversation \(id)") }
        if console.json {
            try Reading.print(console) { answer.write(to: &$0) }
        } else {
            try console.output.write(heading(answer.value.conversation))
            for message in answer.value.messages { try console.output.write(MessageText.text(message)) }
            if let previous = answer.value.previous { Console.note("older: --before \(previous)") }
            if let next = answer.value.next { Console.note("newer: --after \(next)") }
        }
        return .done
    }

    private static func page(_ arguments: ParsedArguments) throws -> ReadPath.PageOfMessages {
        switch (arguments[ReadOptions.before], arguments[ReadOptions.after]) {
        case (nil, nil): .newest
        case (let token?, nil): .before(token)
        case (nil, let token?): .after(token)
        default: throw Failure(.wrongUsage, "--before and --after: give one of them")
        }
    }

    private static func heading(_ answer: ConversationAnswer) -> String {
        let title = answer.title.map { TextTable.plain($0) } ?? "(no title)"
        let inside = answer.participants.filter { $0.interval.left == nil }.count
        let all = answer.participants.count >= ReadPath.participantsShown ? "at least \(inside)" : "\(inside)"
        return "\(answer.kind == .direct ? "Direct conversation" : title), \(all) participants"
            + "\(answer.isClosed ? ", closed" : "")\n\n"
    }
}
