import Arguments
import Deployment
import Projection
import ViewStorage

/// Projectors that run until a signal stops them or one of them fails for good.
struct ProjectorDaemons {
    private let deployment: Deployment
    private let projections: [ProjectionName]
    private let console: Console

    init(_ deployment: Deployment, _ projections: [ProjectionName], _ console: Console) {
        self.deployment = deployment
        self.projections = projections
        self.console = console
    }

    /// - Throws: what a projector failed of, after all have stopped.
    func run() throws -> ExitCode {
        let stop = StopFlag()
        let threads = projections.map { thread($0, stop) }
        console.stop.whenRaised { stop.raise() }
        for thread in threads { thread.start() }
        let reporter = deployment.logStatistics.map {
            StatisticsReporter(line: $0.line, every: $0.intervalMillis, stop)
        }
        var failure: (any Error)?
        for thread in threads {
            do { try thread.join() } catch { failure = failure ?? error }
        }
        stop.raise()
        reporter?.join()
        if let failure { throw failure }
        return console.stop.exitCode ?? .done
    }

    private func thread(_ projection: ProjectionName, _ stop: StopFlag) -> ProjectorThread {
        let reporter = ProjectorReporter(projection)
        let deployment = deployment
        return ProjectorThread(
            log: deployment.log, owner: HostProcess.owner(tag: projection.rawValue), stop: stop,
            makeStore: { try deployment.openStore(projection) }, observe: reporter.report)
    }
}
