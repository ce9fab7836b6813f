import Arguments
import Deployment
import EventLog
import MessagingService
import TimeTravel
import Wire

/// What reading commands share: opening, and printing lists.
enum Reading {
    /// Opens the views that the options name.
    /// - Throws: `DeploymentError`, `LogError`, `ProjectionError`.
    static func open(_ arguments: ParsedArguments) throws -> ReadPath {
        try Deployment(arguments, ifMissing: .fail).openReadPath()
    }

    /// Opens the views as they are, or with `--as-of` as they were.
    /// - Parameter then: gives those of the past.
    /// - Throws: as `open`; `TimeTravelError`; `Failure` with the exit code of a clean stop.
    static func open(
        _ arguments: ParsedArguments, _ console: Console, then: (Past, ContentOpener) throws -> ReadPath
    ) throws -> ReadPath {
        guard let moment = arguments[PastOptions.moment] else { return try open(arguments) }
        guard arguments.freshness == nil else {
            throw Failure(.wrongUsage, "--as-of and --at-least: the past does not wait: give one of them")
        }
        let deployment = try Deployment(arguments, ifMissing: .fail)
        let progress = PastProgress(console)
        defer { progress.end() }
        do {
            let past = try Past(moment, of: deployment.log, progress: progress.show)
            return try then(past, ContentOpener { try deployment.openKeys() })
        } catch let error as TimeTravelError where error.code == .interrupted {
            throw Failure(console.stop.exitCode ?? .tryAgain, error.message)
        }
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
