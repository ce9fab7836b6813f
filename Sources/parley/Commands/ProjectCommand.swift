import Arguments
import Deployment
import Projection
import ViewStorage

/// `parley project shared|personal [--once]`
enum ProjectCommand: Subcommand {
    private static let views = ProjectionName.allCases.map(\.rawValue)
    private static let view = Positional.one(
        "shared|personal", help: "The view to build.", completion: .words(views), convert: Values.word(of: views))
    private static let once = Option.flag(
        "once", help: "Go up to the log's present end, then exit. Parked records are reported and do not hold it.")

    static let declaration = CommandDeclaration(
        "project", section: Section.running, summary: "build one view from the log, as a daemon or once",
        discussion: [
            "Several may run: each partition of a view is projected by one process at a time, and when that one stops or "
                + "dies another takes over. A daemon waits for servers that do not answer; with --once it ends with 69."
        ],
        positionals: [view.declaration], options: [once.declaration] + MetricsOptions.declarations,
        examples: [.init("parley project shared --once", "Brings the shared-content view up to date.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let projection = ProjectionName(rawValue: arguments[view])!
        guard arguments[once] else { return try runDaemon(projection, arguments, console) }
        let deployment = try Deployment(ofDaemon: arguments)
        defer { deployment.close() }
        console.stop.whenRaised {}
        let reporter = ProjectorReporter(projection)
        let counts = ProjectorCounts(projection)
        let collectors =
            [ProjectionMetrics.collector(deployment, [projection]), ProjectorCounts.collector([counts])]
            + KafkaMetrics.collectors(deployment)
        let report = try DaemonMetrics(arguments, command: "project", collectors).whileRunning {
            try catchUp(deployment, projection, console.stop) { event in
                counts.note(event)
                reporter.report(event)
            }
        }
        if let code = console.stop.exitCode { return code }
        try ProjectionSummary(report, projection).write(to: console)
        return .done
    }

    private static func runDaemon(
        _ projection: ProjectionName, _ arguments: ParsedArguments, _ console: Console
    ) throws -> ExitCode {
        let patience = Patience(projection.rawValue, console.stop)
        guard let deployment = try patience.opened({ try Deployment(ofDaemon: arguments) }) else {
            return console.stop.exitCode ?? .done
        }
        defer { deployment.close() }
        let daemons = ProjectorDaemons(deployment, [projection], console)
        return try DaemonMetrics(arguments, command: "project", daemons.collectors).whileRunning(daemons.run)
    }

    private static func catchUp(
        _ deployment: Deployment, _ projection: ProjectionName, _ stop: StopSignal,
        _ observe: @escaping (Projector.Event) -> Void
    ) throws -> BatchReport {
        while true {
            let projector = Projector(
                log: deployment.log, store: try deployment.openStore(projection),
                owner: HostProcess.owner(tag: projection.rawValue),
                limits: ProjectorLimits(holding: deployment.projectingBytes, projectors: 1), observe: observe)
            do {
                return try projector.catchUp { stop.isRaised }
            } catch let error as ProjectionError where error.code == .superseded {
                observe(.superseded(error.message))
            }
        }
    }
}
