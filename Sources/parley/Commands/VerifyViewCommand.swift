import Arguments
import Deployment
import Projection
import Replay

/// `parley verify-view --view shared|personal|all`
enum VerifyViewCommand: Subcommand {
    private static let sample = Option<Int?>.optional(
        "sample", placeholder: "PERCENT",
        help: "Only so many of a hundred conversations, or members of the personal view.",
        defaultText: "all", convert: Values.integer(in: 1...100))
    private static let seed = Option<Int?>.optional(
        "seed", placeholder: "N", help: "Of the choice; printed.", defaultText: "random",
        convert: Values.integer(in: 0...Int.max))

    static let declaration = CommandDeclaration(
        "verify-view", section: Section.running, summary: "compare a live view with a rebuild of it",
        discussion: [
            "Rebuilds the view beside the live one, compares both at the same position, prints each difference (never "
                + "content), and removes the rebuild. Changes nothing. Exits with 1 when they differ.",
            "With --sample only the records of some conversations are rebuilt (of the personal view those of some members, "
                + "with every conversation that names them), and only their rows are compared.",
        ],
        options: [
            ReplayOption.view.declaration, ReplayOption.memory.declaration, ReplayOption.slow.declaration,
            ReplayOption.limit.declaration, ReplayOption.baseline, sample.declaration, seed.declaration,
        ],
        examples: [
            .init("parley verify-view --view all", "Proves both views."),
            .init("parley verify-view --view all --sample 5", "Proves a twentieth of them, another one each time."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let stop = console.stop
        stop.whenRaised {}
        ReplayOption.standBack(behind: try arguments[ReplayOption.view].map(deployment.generations))
        var code = ExitCode.done
        let chosen = arguments[sample].map { percent in
            ReplaySample(
                percent: Double(percent), seed: arguments[seed].map(UInt64.init) ?? .random(in: 0...0xffff_ffff))
        }
        if let chosen { Console.note("sample: \(Int(chosen.percent)) %, --seed \(chosen.seed)") }
        let baseline = try ReplayOption.baseline(arguments, deployment.log, console)
        for view in arguments[ReplayOption.view] {
            let generations = try deployment.generations(of: view)
            let report = ReplayReport(console, view)
            var options = ReplayOptions()
            options.purpose = .verify
            options.memoryBytes = arguments[ReplayOption.memory] << 20
            options.isBulk = !arguments[ReplayOption.slow]
            options.shownDifferences = Int64(arguments[ReplayOption.limit])
            options.baseline = baseline
            do {
                if let chosen {
                    options.sample = try SampledView(chosen, of: view, in: deployment.log) { stop.isRaised }
                }
                let replay = ViewReplay(
                    log: options.sample?.log ?? deployment.log, generations: generations, options: options,
                    observe: report.show, shouldStop: { stop.isRaised })
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
