import Arguments
import Deployment
import EventLog
import MessagingService
import Wire

/// What reading commands share: opening, and printing lists.
enum Reading {
    /// Opens the views that the options name.
    /// - Throws: `DeploymentError`, `LogError`, `ProjectionError`.
    static func open(_ arguments: ParsedArguments) throws -> ReadPath {
        try Deployment(arguments, ifMissing: .fail).openReadPath()
    }

    /// Prints one JSON object as a line.
    static func print(_ console: Console, _ write: (inout JSONWriter) -> Void) throws {
        var writer = JSONWriter()
        write(&writer)
        writer.endLine()
        try console.output.write(writer.bytes)
    }

    /// Prints a page of a list as JSON Lines.
    static func print<Item>(
        _ answer: ReadPath.Answer<ListPage<Item>>, _ console: Console, _ write: (Item, inout JSONWriter) -> Void
    ) throws {
        var writer = JSONWriter()
        for item in answer.value.items {
            write(item, &writer)
            writer.endLine()
        }
        writer.endOfList(next: answer.value.next, token: answer.token)
        writer.endLine()
        try console.output.write(writer.bytes)
    }

    /// Tells people how to go on.
    static func noteNext(_ next: PageToken?) {
        if let next { Console.note("more: --after \(next)") }
    }

    /// One answer for what is not there and what is not theirs.
    static func notThere(_ what: String) -> ExitCode {
        Console.complain("not there, or not yours: \(what)")
        return .no
    }
}
