import Arguments
import Messaging
import SampleHistory

/// `parley sample`
enum SampleCommand: Subcommand {
    private static let seed = Option.value(
        "seed", placeholder: "N", default: 1, defaultText: "1", help: "Another number, another history.",
        convert: Values.integer(in: 0...Int.max))
    private static let commands = Option.value(
        "commands", placeholder: "N", default: 50_000, defaultText: "50000", help: "Lines to write, at least 20.",
        convert: Values.integer(in: SampleHistory.minimumCommands...1_000_000_000))
    private static let members = Option.value(
        "members", placeholder: "N", default: 200, defaultText: "200", help: "Members that take part, at least 3.",
        convert: Values.integer(in: 3...1_000_000))
    private static let show = Option.flag(
        "show-member",
        help: "Print the member to look at and no history: its id, or with --json also what it is shown.")

    static let declaration = CommandDeclaration(
        "sample", section: Section.writing, summary: "write a made-up history, a command a line, to standard output",
        discussion: [
            "The same bytes for the same arguments on every machine. All lines are valid and bring their ids, so a history "
                + "can be appended again without effect. At its end one member, named on standard error, has unread "
                + "messages, a message edited twice and a deleted one."
        ],
        options: [seed.declaration, commands.declaration, members.declaration, show.declaration],
        examples: [
            .init("parley sample --commands 1000 | parley append -", "Appends a small history."),
            .init("parley mailbox --as $(parley sample --show-member)", "Looks at it as the member of its last scene."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        var history = SampleHistory(
            seed: UInt64(arguments[seed]), commands: arguments[commands], members: arguments[members])
        let scene = history.scene
        if arguments[show] {
            try console.output.writeLine(console.json ? Self.json(scene) : "\(scene.member)")
            return .done
        }
        var bytes: [UInt8] = []
        while history.appendNext(to: &bytes) {
            if bytes.count >= 65_536 {
                try console.output.write(bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try console.output.write(bytes)
        try console.output.flush()
        Console.note(
            "sample: look at it as member \(scene.member): conversation \(scene.conversation), "
                + "edited message \(scene.editedMessage), deleted message \(scene.deletedMessage)")
        return .done
    }

    private static func json(_ scene: SampleHistory.Scene) -> String {
        "{\"member\":\"\(scene.member)\",\"conversation\":\"\(scene.conversation)\","
            + "\"editedMessage\":\"\(scene.editedMessage)\",\"deletedMessage\":\"\(scene.deletedMessage)\"}"
    }
}
