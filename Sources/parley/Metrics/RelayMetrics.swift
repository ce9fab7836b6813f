import EventLog
import LegacyMailbox
import Synchronization
import Telemetry

/// What waits in the legacy store's outbox, and what this relay did.
final class RelayMetrics: Sendable {
    private let failures = Atomic<Int>(0)

    func noteFailure() { failures.add(1, ordering: .relaxed) }

    func collectors(_ location: LegacyLocation) -> [MetricsRegistry.Collector] {
        let store = KeptOpen { try LegacyStore(location) }
        return [
            .init("relay") {
                [
                    MetricFamily(
                        "parley_relay_failures_total", .counter, "Batches of the outbox that will be tried again.",
                        Double(self.failures.load(ordering: .relaxed)))
                ]
            },
            .init("outbox") {
                let backlog = try store.use { try $0.outboxBacklog() }
                let age = backlog.oldestVersion.map { max(0, LogClock.system.nowMicros() - $0) } ?? 0
                return [
                    MetricFamily(
                        "parley_relay_outbox_entries", .gauge, "Writes that are not in the log yet.",
                        Double(backlog.entries)),
                    MetricFamily(
                        "parley_relay_outbox_oldest_seconds", .gauge,
                        "Age of the oldest of them, by the legacy store's clock; 0 when there is none.",
                        Double(age) / 1e6),
                ]
            },
        ]
    }
}
