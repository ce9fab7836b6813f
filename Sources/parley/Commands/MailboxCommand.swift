import Arguments
import Messaging
import MessagingService
import PersonalMetadata
import TimeTravel

/// `parley mailbox --as M`
enum MailboxCommand: Subcommand {
    private static let archived = Option.flag("archived", help: "List the archived conversations, and only those.")

    static let declaration = CommandDeclaration(
        "mailbox", section: Section.reading, summary: "list a member's conversations, newest activity first",
        options: [ReadOptions.member.declaration, archived.declaration, PastOptions.moment.declaration]
            + ReadOptions.list,
        examples: [
            .init("parley mailbox --as $(parley sample --show-member)", "Shows the mailbox of the sample's member."),
            .init("parley mailbox --as MEMBER --archived --json", "The archived conversations, as one JSON object."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let member = arguments[ReadOptions.member]
        let views = try Reading.open(arguments, console) { past, content in
            try past.mailbox(of: member, content: content)
        }
        let answer = try views.mailbox(
            of: member, archived: arguments[archived], after: arguments[ReadOptions.after],
            limit: arguments[ReadOptions.limit], atLeast: arguments.freshness)
        if console.json {
            try Reading.print(console) { answer.write(to: &$0) }
        } else {
            try console.output.write(text(answer.value))
            Reading.noteNext(answer.value.next)
        }
        return .done
    }

    private static func text(_ page: MailboxPage) -> String {
        var table = TextTable([
            ("UNREAD", .right), ("LAST ACTIVITY", .left), ("CONVERSATION", .left), ("STATE", .left), ("WHAT", .left),
        ])
        for row in page.rows {
            table.add([
                unread(row), TextTime.text(micros: row.entry.row.activity), "\(row.entry.conversation)", state(row),
                what(row),
            ])
        }
        return table.text + "badge: \(page.badge)\n"
    }

    private static func unread(_ row: MailboxRow) -> String {
        let count = row.entry.unread.count == 0 ? "" : "\(row.entry.unread.count)"
        return count + (row.entry.unread.isCapped ? "+" : "") + (row.entry.row.isMarkedUnread ? "*" : "")
    }

    private static func state(_ row: MailboxRow) -> String {
        let words = [
            (row.entry.row.isMuted, "muted"), (row.entry.row.isArchived, "archived"), (row.entry.isClosed, "closed"),
            (row.entry.row.left != nil, "left"),
        ]
        return words.filter(\.0).map(\.1).joined(separator: " ")
    }

    private static func what(_ row: MailboxRow) -> String {
        if let other = row.entry.other { return "with \(other)" }
        let title = row.title.map { TextTable.plain($0) } ?? "(no title)"
        return "\(title), \(row.entry.participantCount) participants"
    }
}
