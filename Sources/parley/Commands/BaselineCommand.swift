import Arguments
import Deployment
import EventLog
import Messaging
import Replay
import TimeTravel
import Wire

/// `parley baseline write|check DIR`
enum BaselineCommand: Subcommand {
    private static let verbs = ["write", "check"]
    private static let verb = Positional.one(
        "write|check", help: "Keep the log as files, or read them from end to end.", completion: .words(verbs),
        convert: Values.word(of: verbs))
    private static let directory = Positional.one(
        "DIR", help: "Where the files are.", completion: .directory, convert: Values.nonEmpty)

    static let declaration = CommandDeclaration(
        "baseline", section: Section.running,
        summary: "keep the beginning of the log as files that a rebuild begins with",
        discussion: [
            "write: every record up to a moment (--as-of; the present end), a file for each partition, with checksums; the "
                + "files never change. check: reads them from end to end. parley replay --baseline DIR builds a view from "
                + "them and from what the log has behind them: then the log need not keep its beginning."
        ],
        positionals: [verb.declaration, directory.declaration], options: [PastOptions.moment.declaration],
        examples: [
            .init("parley baseline write /backup/baseline", "Keeps the log as it is now."),
            .init("parley replay --view all --baseline /backup/baseline", "Rebuilds both views from it and the log."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        if arguments[verb] == "write" {
            let progress = PastProgress(console)
            defer { progress.end() }
            let bounds = try (arguments[PastOptions.moment] ?? .time(.max)).bounds(in: deployment.log)
            let total = Int(bounds.values.reduce(0, +))
            var written = 0
            try Baseline.write(
                deployment.log, until: bounds, to: arguments[directory],
                set: Identifier(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max))
            ) { count in
                written += count
                try progress.show(written, total)
            }
        }
        var baseline = try Baseline(arguments[directory], counts: deployment.log.partitionCounts)
        try BaselineCheck.run(&baseline, console)
        try report(baseline, console)
        return .done
    }

    private static func report(_ baseline: Baseline, _ console: Console) throws {
        guard console.json else {
            return try console.output.writeLine(
                "baseline \(baseline.set): \(baseline.records) records, every file is as it was written")
        }
        try Reading.print(console) { writer in
            writer.beginObject()
            writer.key("baseline")
            writer.string("\(baseline.set)")
            writer.key("records")
            writer.int(baseline.records)
            writer.key("next")
            writer.beginArray()
            for (partition, next) in baseline.next.sorted(by: { $0.key < $1.key }) {
                writer.string("\(partition)@\(next)")
            }
            writer.endArray()
            writer.endObject()
        }
    }
}

/// Reads a baseline from end to end, with progress.
enum BaselineCheck {
    static func run(_ baseline: inout Baseline, _ console: Console) throws {
        let stop = console.stop
        stop.whenRaised {}
        var line = ProgressLine(isShown: console.showsProgress)
        defer { line.end() }
        var read = 0
        try baseline.check { count in
            if stop.isRaised { throw Failure(stop.exitCode ?? .tryAgain, "stopped") }
            read += count
            line.show("checking the baseline", count: read, "records", done: read, total: nil)
        }
    }
}
