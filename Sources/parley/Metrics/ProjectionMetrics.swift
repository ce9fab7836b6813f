import Deployment
import EventLog
import MessagingService
import Projection
import Synchronization
import Telemetry

/// How far views are behind the log and what waits in them, as `parley status` says it.
enum ProjectionMetrics {
    /// What there is to know of each partition of the views.
    static func collector(_ deployment: Deployment, _ views: [ProjectionName]) -> MetricsRegistry.Collector {
        let path = KeptOpen { try deployment.openReadPath(views) }
        return .init("projection") {
            let status = try path.use { try $0.status(of: deployment.log, views: views) }
            let ends = Dictionary(uniqueKeysWithValues: status.ends.map { ($0.partition, $0.offset) })
            var owners = MetricFamily(
                "parley_projection_owner_info", .gauge, "1; who projects the partition now, where somebody does.")
            var families = figures.map { MetricFamily($0.name, .gauge, $0.help) }
            for row in status.projections {
                let labels = labels(row.projection, row.partition)
                if let owner = row.owner { owners.add(1, labels + [.init("owner", owner)]) }
                for index in figures.indices {
                    families[index].add(figures[index].value((row, ends[row.partition] ?? 0)), labels)
                }
            }
            return families + [owners]
        }
    }

    private typealias Row = (status: ProjectionStatus, end: Int64)

    private static let figures: [(name: String, help: String, value: @Sendable (Row) -> Double)] = [
        ("parley_projection_position", "The next offset to be projected.", { Double($0.status.position) }),
        ("parley_projection_log_end", "The next offset of the log.", { Double($0.end) }),
        ("parley_projection_gap_records", "Records between the position and the log's end.", { Double($0.status.gap) }),
        (
            "parley_projection_lag_seconds", "Age of the oldest record that is not projected; 0 without a gap.",
            { $0.status.lagSeconds }
        ),
        ("parley_projection_epoch", "How often the partition was taken.", { Double($0.status.epoch) }),
        (
            "parley_projection_owned", "1 while somebody projects the partition, 0 when nobody does.",
            { $0.status.owner == nil ? 0 : 1 }
        ),
        ("parley_projection_parked_records", "Records that are parked in the view.", { Double($0.status.parked) }),
        (
            "parley_projection_rejected_records", "Rejections in the shared view; 0 for the personal one.",
            { Double($0.status.rejected) }
        ),
        (
            "parley_projection_orphaned_records", "Commands that wait for their message.",
            { Double($0.status.orphaned) }
        ),
    ]

    private static func labels(_ view: ProjectionName, _ partition: TopicPartition) -> [MetricFamily.Label] {
        [
            .init("projection", view.rawValue), .init("topic", partition.topic.name),
            .init("partition", "\(partition.partition)"),
        ]
    }
}

/// What this process's projector did, counted once a batch.
final class ProjectorCounts: Sendable {
    private struct Counts {
        var batches = 0
        var seconds = 0.0
        var report = BatchReport()
        var retries = 0
        var fenced = 0
    }

    private let projection: ProjectionName
    private let counts = Mutex(Counts())

    init(_ projection: ProjectionName) { self.projection = projection }

    func note(_ event: Projector.Event) {
        counts.withLock { counts in
            switch event {
            case .applied(let report, let seconds):
                counts.batches += 1
                counts.seconds += seconds
                counts.report.add(report)
            case .retrying: counts.retries += 1
            case .fenced: counts.fenced += 1
            case .claimed, .standingBy, .recovering, .parked, .superseded: break
            }
        }
    }

    /// The counts of several projectors of this process.
    static func collector(_ projectors: [ProjectorCounts]) -> MetricsRegistry.Collector {
        .init("projector") {
            var batches = MetricFamily("parley_projector_batches_total", .counter, "Batches that this process applied.")
            var seconds = MetricFamily(
                "parley_projector_batch_seconds_total", .counter, "Time that applying them took.")
            var records = MetricFamily(
                "parley_projector_records_total", .counter, "Records that this process applied, by what became of them."
            )
            var retries = MetricFamily(
                "parley_projector_retries_total", .counter, "How often this process's projector was started again.")
            var fenced = MetricFamily(
                "parley_projector_fenced_total", .counter, "How often another projector took a partition away.")
            for projector in projectors {
                let (counts, view) = (
                    projector.counts.withLock { $0 }, MetricFamily.Label("projection", projector.name)
                )
                batches.add(Double(counts.batches), [view])
                seconds.add(counts.seconds, [view])
                retries.add(Double(counts.retries), [view])
                fenced.add(Double(counts.fenced), [view])
                for (outcome, count) in [
                    ("accepted", counts.report.accepted), ("duplicate", counts.report.duplicate),
                    ("orphaned", counts.report.orphaned), ("rejected", counts.report.rejected),
                    ("parked", counts.report.parked),
                ] {
                    records.add(Double(count), [view, .init("outcome", outcome)])
                }
            }
            return [batches, seconds, records, retries, fenced]
        }
    }

    private var name: String { projection.rawValue }
}
