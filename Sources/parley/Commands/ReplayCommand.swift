import Arguments
import Deployment
import EventLog
import Projection
import Replay
import ViewStorage

/// `parley replay [plan|prune] --view shared|personal|all`
enum ReplayCommand: Subcommand {
    private static let verbs = ["run", "plan", "prune"]
    private static let verb = Positional<String?>.optional(
        "run|plan|prune",
        help: "Rebuild and swap (run, the default), say what that costs, or remove what is not in use.",
        completion: .words(verbs), convert: Values.word(of: verbs))
    private static let rate = Option<Int?>.optional(
        "rate", placeholder: "N", help: "Records a second at most.", convert: Values.integer(in: 1...100_000_000))
    private static let yieldAbove = Option<Duration?>.optional(
        "yield-above", placeholder: "TIME", help: "Wait while the live view is behind the log by more than this.",
        defaultText: "10s", convert: Values.duration)
    private static let accept = Option<String?>.optional(
        "accept", placeholder: "REASON", help: "Swap although the views differ, because that is expected.",
        convert: Values.nonEmpty)

    static let declaration = CommandDeclaration(
        "replay", section: Section.running, summary: "rebuild a view from the log, prove it, and swap it",
        discussion: [
            "Builds the next generation of the view beside the live one, which goes on untouched; compares both at the same "
                + "position; and makes the new one the active one when they are equal. When they differ, prints each "
                + "difference (never content), leaves the live view as it is, and exits with 1: give --accept and the "
                + "reason if the difference is wanted. An interrupted replay goes on where it was.",
            "With --conversation, --member, --partition or --from only those rows of the live view are made what the rebuild "
                + "says, in one transaction; --dry-run shows them, and exits with 1 when there are any.",
            "With --until and --into DIR the view is built as it was, in files of its own, which nothing ever swaps in: read "
                + "them with --shared-store sqlite:DIR/shared.sqlite --personal-store sqlite:DIR/personal.sqlite.",
            "The generation before stays until parley replay prune removes all that are not active.",
        ],
        positionals: [verb.declaration],
        options: [
            ReplayOption.view.declaration, ReplayOption.memory.declaration, ReplayOption.slow.declaration,
            ReplayOption.baseline,
            rate.declaration,
            yieldAbove.declaration, ReplayOption.limit.declaration,
            accept.declaration, PastOptions.until.declaration, PastOptions.into.declaration,
        ] + ReplayOption.repair,
        examples: [
            .init("parley replay --view all", "Rebuilds both views."),
            .init("parley replay plan --view shared", "Says what it would take."),
            .init("parley replay --view shared --conversation $C --dry-run", "Shows which of its rows are wrong."),
            .init("parley replay prune --view all", "Removes generations that are not in use."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        if let moment = arguments[PastOptions.until] {
            return try PastReplay(deployment, moment, arguments, console).run()
        }
        guard arguments[PastOptions.into] == nil else {
            throw Failure(.wrongUsage, "replay: --into: is for a view as it was: give --until, too")
        }
        var code = ExitCode.done
        let all = try arguments[ReplayOption.view].map(deployment.generations)
        if arguments[verb] ?? "run" == "run" { ReplayOption.standBack(behind: all) }
        for generations in all {
            let answer =
                switch arguments[verb] ?? "run" {
                case "plan": try plan(deployment, generations, console)
                case "prune": try prune(generations, console)
                default: try replay(deployment, generations, arguments, console)
                }
            if answer != .done { code = answer }
        }
        return code
    }

    private static func replay(
        _ deployment: Deployment, _ generations: any ViewGenerations, _ arguments: ParsedArguments, _ console: Console
    ) throws -> ExitCode {
        var options = ReplayOptions()
        options.recordsPerSecond = arguments[rate]
        if let bound = arguments[yieldAbove] { options.yieldAboveSeconds = bound.seconds }
        options.memoryBytes = arguments[ReplayOption.memory] << 20
        options.isBulk = !arguments[ReplayOption.slow]
        options.accept = arguments[accept]
        options.shownDifferences = Int64(arguments[ReplayOption.limit])
        options.baseline = try ReplayOption.baseline(arguments, deployment.log, console)
        let selection = try ReplayOption.selection(arguments, deployment.log)
        if selection != nil { options.purpose = .verify }
        let stop = console.stop
        stop.whenRaised {}
        let report = ReplayReport(console, generations.projection)
        let replay = ViewReplay(
            log: deployment.log, generations: generations, options: options, observe: report.show,
            complain: { Console.complain("\(generations.projection.rawValue): \($0)") },
            shouldStop: { stop.isRaised })
        do {
            if let selection {
                let isDryRun = arguments[ReplayOption.dryRun]
                let answer = try replay.repair(selection, isDryRun: isDryRun, report.write)
                report.end()
                try report.write(answer)
                return isDryRun && answer.differences > 0 ? .no : .done
            }
            let answer = try replay.run(report.write)
            report.end()
            try report.write(answer)
            return answer.outcome == .swapped ? .done : .no
        } catch let error as ReplayError where error.code == .interrupted {
            report.end()
            Console.complain("\(generations.projection.rawValue): \(error.message)")
            return stop.exitCode ?? .tryAgain
        }
    }

    private static func plan(
        _ deployment: Deployment, _ generations: any ViewGenerations, _ console: Console
    ) throws -> ExitCode {
        let plan = try ReplayPlan(log: deployment.log, generations: generations)
        try ReplayReport(console, generations.projection).write(plan)
        return .done
    }

    private static func prune(_ generations: any ViewGenerations, _ console: Console) throws -> ExitCode {
        let removed = try ReplayPruning.run(generations)
        try ReplayReport(console, generations.projection).write(removed: removed)
        return .done
    }
}
