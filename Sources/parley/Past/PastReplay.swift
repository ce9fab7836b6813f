import Arguments
import Deployment
import Projection
import Replay
import TimeTravel

/// `parley replay --until POSITION|TIME --into DIR`
struct PastReplay {
    private let deployment: Deployment
    private let moment: Moment
    private let arguments: ParsedArguments
    private let console: Console

    init(_ deployment: Deployment, _ moment: Moment, _ arguments: ParsedArguments, _ console: Console) {
        self.deployment = deployment
        self.moment = moment
        self.arguments = arguments
        self.console = console
    }

    func run() throws -> ExitCode {
        guard let directory = arguments[PastOptions.into] else {
            throw Failure(.wrongUsage, "replay: --until: needs a directory for the view as it was: give --into DIR")
        }
        let bounds = try moment.bounds(in: deployment.log)
        var options = ReplayOptions()
        options.memoryBytes = arguments[ReplayOption.memory] << 20
        options.isBulk = !arguments[ReplayOption.slow]
        let stop = console.stop
        stop.whenRaised {}
        for projection in arguments[ReplayOption.view] {
            let view = PastView(projection, in: directory, of: deployment.log, until: bounds)
            let report = ReplayReport(console, projection)
            do {
                let answer = try view.build(
                    options, observe: report.show, complain: { Console.complain("\(projection.rawValue): \($0)") },
                    shouldStop: { stop.isRaised })
                report.end()
                try report.write(answer, of: view)
            } catch let error as ReplayError where error.code == .interrupted {
                report.end()
                Console.complain("\(projection.rawValue): \(error.message)")
                return stop.exitCode ?? .tryAgain
            }
        }
        return .done
    }
}

extension ReplayReport {
    /// A view as it was: where it is, and what could not be applied.
    func write(_ answer: ReplayAnswer, of view: PastView) throws {
        try write(answer)
        Console.note("\(answer.view.rawValue): read it with --\(answer.view.rawValue)-store sqlite:\(view.path)")
    }
}
