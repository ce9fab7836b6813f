import Arguments
import Deployment
import Projection
import Telemetry
import ViewStorage

/// Projectors that run until a signal stops them or one of them fails for good.
struct ProjectorDaemons {
    private let deployment: Deployment
    private let projections: [ProjectionName]
    private let console: Console
    private let counts: [ProjectorCounts]

    init(_ deployment: Deployment, _ projections: [ProjectionName], _ console: Console) {
        self.deployment = deployment
        self.projections = projections
        self.console = console
        counts = projections.map(ProjectorCounts.init)
    }

    /// What they tell of themselves.
    var collectors: [MetricsRegistry.Collector] {
        [ProjectionMetrics.collector(deployment, projections), ProjectorCounts.collector(counts)]
            + KafkaMetrics.collectors(deployment)
    }

    /// - Throws: what a projector failed of, after all have stopped.
    func run() throws -> ExitCode {
        let stop = StopFlag()
        let threads = zip(projections, counts).map { thread($0, $1, stop) }
        console.stop.whenRaised { stop.raise() }
        for thread in threads { thread.start() }
        let reporter = StatisticsReporter.begin(deployment, stop)
        var failure: (any Error)?
        for thread in threads {
            do { try thread.join() } catch { failure = failure ?? error }
        }
        stop.raise()
        reporter?.join()
        if let failure { throw failure }
        return console.stop.exitCode ?? .done
    }

    private func thread(
        _ projection: ProjectionName, _ counts: ProjectorCounts, _ stop: StopFlag
    ) -> ProjectorThread {
        let reporter = ProjectorReporter(projection)
        let deployment = deployment
        return ProjectorThread(
            log: deployment.log, owner: HostProcess.owner(tag: projection.rawValue),
            limits: ProjectorLimits(holding: deployment.projectingBytes, projectors: projections.count), stop: stop,
            makeStore: { try deployment.openStore(projection) },
            observe: { event in
                counts.note(event)
                reporter.report(event)
            })
    }
}
