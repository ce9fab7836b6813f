import EventLog
import Replication
import Telemetry

/// What the last audit found, for a node exporter: an audit ends, and nobody could ask it.
enum AuditMetrics {
    /// - Throws: `TelemetryError`.
    static func write(_ result: ReplicationAudit.Result, to file: MetricsFile) throws {
        let families = [
            MetricFamily(
                "parley_replication_audit_missing", .gauge, "Legacy writes that the last audit did not find again.",
                Double(result.findings.count)),
            MetricFamily(
                "parley_replication_audit_checked", .gauge, "Legacy writes that the last audit looked at.",
                Double(result.checked)),
            MetricFamily(
                "parley_replication_audit_time_seconds", .gauge, "When the last audit ended, in seconds since 1970.",
                Double(LogClock.system.nowMicros() / 1_000_000)),
        ]
        try file.write(MetricsRegistry([.init("audit") { families }]).text())
    }
}
