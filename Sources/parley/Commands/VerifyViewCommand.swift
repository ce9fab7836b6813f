import Arguments
import Deployment
import Projection
import Replay

/// `parley verify-view --view shared|personal|all`
enum VerifyViewCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "verify-view", section: Section.running, summary: "compare a live view with a rebuild of it",
        discussion: [
            "Rebuilds the view beside the live one, compares both at the same position, prints each difference (never "
                + "content), and removes the rebuild. Changes nothing. Exits with 1 when they differ."
        ],
        options: [
            ReplayOption.view.declaration, ReplayOption.memory.declaration, ReplayOption.slow.declaration,
            ReplayOption.limit.declaration,
        ],
        examples: [.init("parley verify-view --view all", "Proves both views.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let stop = console.stop
        stop.whenRaised {}
        var code = ExitCode.done
        for view in arguments[ReplayOption.view] {
            let generations = try deployment.generations(of: view)
            let report = ReplayReport(console, view)
            var options = ReplayOptions()
            options.purpose = .verify
            options.memoryBytes = arguments[ReplayOption.memory] << 20
            options.isBulk = !arguments[ReplayOption.slow]
            options.shownDifferences = Int64(arguments[ReplayOption.limit])
            let replay = ViewReplay(
                log: deployment.log, generations: generations, options: options, observe: report.show,
                shouldStop: { stop.isRaised })
            do {
                let answer = try replay.run(report.write)
                report.end()
                try report.write(answer)
                if answer.outcome == .differs { code = .no }
            } catch let error as ReplayError where error.code == .interrupted {
                report.end()
                return stop.exitCode ?? .tryAgain
            }
        }
        return code
    }
}
