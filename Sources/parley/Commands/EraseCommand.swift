import Arguments
import ContentProtection
import Deployment
import Glibc
import Messaging
import Wire

/// `parley erase member|conversation ID`
enum EraseCommand: Subcommand {
    private static let kinds = ["member", "conversation"]
    private static let kind = Positional.one(
        "member|conversation", help: "Whose keys to destroy.", completion: .words(kinds),
        convert: Values.word(of: kinds))
    private static let id = Positional.one("ID", help: "Its id.", convert: IDValues.identifier)
    private static let yes = Option.flag("yes", help: "Do not ask; for scripts.")

    static let declaration = CommandDeclaration(
        "erase", section: Section.writing, summary: "destroy the keys of a member or a conversation, for good",
        discussion: [
            "What the member wrote, or what was written in the conversation, can be read by nobody from then on: not in the "
                + "views, not in the log, not in backups of either. Reads say that it is erased. Nothing undoes this. "
                + "Backups of the key store must be destroyed as well."
        ],
        positionals: [kind.declaration, id.declaration], options: [yes.declaration],
        examples: [
            .init("parley erase member $MEMBER", "Asks, then destroys the member's keys."),
            .init("parley erase conversation $CONVERSATION --yes", "The same without asking."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let owner = KeyOwner(
            kind: arguments[kind] == "member" ? .member : .conversation, id: arguments[id])
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let keys = try deployment.openKeys()
        guard try arguments[yes] || confirm(owner) else { return .no }
        let count = try keys.destroyKeys(of: [owner])
        if count == 0, case .unknown = try keys.key(of: owner, generation: 1) {
            Console.complain("nothing to erase: \(owner): it never had a key: check the id")
            return .no
        }
        try answer(owner, count: count, console)
        return .done
    }

    private static func confirm(_ owner: KeyOwner) throws -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            throw Failure(.wrongUsage, "erase: nobody to ask: standard input is no terminal: add --yes to erase")
        }
        Console.write("Destroy the keys of \(owner) for good? What they sealed can never be read again. [y/N] ")
        guard let answer = readLine() else { return false }
        return answer == "y" || answer == "yes"
    }

    private static func answer(_ owner: KeyOwner, count: Int, _ console: Console) throws {
        guard console.json else {
            return try console.output.writeLine("erased \(owner): \(count) keys destroyed")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("erased")
        writer.string("\(owner.kind)")
        writer.key("id")
        writer.string(owner.id.description)
        writer.key("keys")
        writer.int(count)
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
    }
}
