import Deployment
import EventLog
import MessagingService
import Projection
import Replication
import Telemetry

/// How replication stands, as `parley lanes status` says it.
enum ReplicationMetrics {
    static func collectors(_ deployment: Deployment) -> [MetricsRegistry.Collector] {
        let store = KeptOpen { try deployment.settings.openReplicationStore(.operate) }
        let shared = KeptOpen { try deployment.openReadPath([.shared]) }
        return [
            .init("replication") {
                let status = try store.use {
                    try ReplicationStatus(
                        store: $0, log: deployment.log, versionConflicts: nil, nowMicros: LogClock.system.nowMicros())
                }
                return families(status)
            },
            // Apart: the replicator's role may not read views.
            .init("version-conflicts") {
                [
                    MetricFamily(
                        "parley_replication_version_conflicts", .gauge,
                        "Legacy writes of one version with different content, as the shared view lists them.",
                        Double(try shared.use { try $0.legacyVersionConflicts() }))
                ]
            },
        ]
    }

    static func families(_ status: ReplicationStatus) -> [MetricFamily] {
        let gauges: [(String, String, Double)] = [
            ("parley_replication_running", "1 while a replicator works on the store.", status.isRunning ? 1 : 0),
            (
                "parley_replication_oldest_unapplied_seconds",
                "Age of the oldest legacy write that is neither applied nor skipped; 0 when there is none.",
                Double(status.oldestSeconds ?? 0)
            ),
            ("parley_replication_gap_records", "Legacy writes behind the position.", Double(status.gap)),
            ("parley_replication_parked_records", "Legacy writes that are parked.", Double(status.parked)),
            ("parley_replication_outage", "1 while most lanes fail.", status.outageSeconds == nil ? 0 : 1),
            (
                "parley_replication_outage_seconds", "How long most lanes have failed; 0 when they do not.",
                Double(status.outageSeconds ?? 0)
            ),
        ]
        let counters: [(String, String, String)] = [
            ("parley_replication_read_total", "Legacy writes read.", "read"),
            ("parley_replication_applied_total", "Legacy writes applied.", "applied"),
            ("parley_replication_commands_total", "Commands that came of them.", "commands"),
        ]
        return gauges.map { MetricFamily($0.0, .gauge, $0.1, $0.2) }
            + counters.map { MetricFamily($0.0, .counter, $0.1, Double(status.count($0.2))) }
            + [lanes(status), intake(status), attempts(status), converters(status)]
    }

    private static func lanes(_ status: ReplicationStatus) -> MetricFamily {
        var family = MetricFamily("parley_replication_lanes", .gauge, "Lanes with parked records, by state.")
        family.add(Double(status.waiting), [.init("state", "waiting")])
        family.add(Double(status.dead), [.init("state", "dead")])
        return family
    }

    private static func intake(_ status: ReplicationStatus) -> MetricFamily {
        var family = MetricFamily(
            "parley_replication_intake", .gauge, "1 for the state that reading is in, 0 for the others.")
        for state in ["open", "full", "outage", "parkedPerLane", "parkedInAll"] {
            family.add(status.intake == state ? 1 : 0, [.init("state", state)])
        }
        return family
    }

    private static func attempts(_ status: ReplicationStatus) -> MetricFamily {
        var family = MetricFamily("parley_replication_failures_total", .counter, "Attempts that failed, by class.")
        for kind in LaneFailure.Class.allCases {
            family.add(Double(status.count("failures.\(kind.name)")), [.init("class", kind.name)])
        }
        return family
    }

    private static func converters(_ status: ReplicationStatus) -> MetricFamily {
        var family = MetricFamily(
            "parley_replication_converter_commands_total", .counter, "Commands by the converter that made them.")
        for (name, count) in status.converters { family.add(Double(count), [.init("converter", name)]) }
        return family
    }
}
