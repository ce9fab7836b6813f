import Deployment
import KafkaLog
import Telemetry

/// What this process's clients of Kafka hold, as librdkafka counts it; nothing where the log is elsewhere.
enum KafkaMetrics {
    static func collectors(_ deployment: Deployment) -> [MetricsRegistry.Collector] {
        guard let latest = deployment.logStatistics?.latest else { return [] }
        return [.init("kafka") { latest().map(families) ?? [] }]
    }

    static func families(_ statistics: KafkaStatistics) -> [MetricFamily] {
        let gauges: [(String, String, Int64)] = [
            ("parley_kafka_append_records", "Records appended and not acknowledged.", statistics.recordsUnderWay),
            ("parley_kafka_append_bytes", "Their bytes.", statistics.bytesUnderWay),
            ("parley_kafka_fetched_records", "Records fetched ahead and not taken.", statistics.recordsFetched),
            ("parley_kafka_fetched_bytes", "Their bytes.", statistics.bytesFetched),
            (
                "parley_kafka_fetched_bytes_limit", "What kafka.queued.max.messages.kbytes lets readers hold of that.",
                statistics.bytesFetchedAtMost
            ),
            ("parley_kafka_requests", "Requests that brokers have not answered.", statistics.requestsUnderWay),
        ]
        let counters: [(String, String, Int64)] = [
            ("parley_kafka_request_retries_total", "Requests that were sent again.", statistics.retries),
            ("parley_kafka_request_errors_total", "Requests that failed on their way.", statistics.errors),
            ("parley_kafka_request_timeouts_total", "Requests not answered in time.", statistics.timeouts),
            (
                "parley_kafka_fetch_overruns_total",
                "Batches that came and were larger than a partition's part of the limit.",
                statistics.overruns
            ),
        ]
        return gauges.map { MetricFamily($0.0, .gauge, $0.1, Double($0.2)) }
            + counters.map { MetricFamily($0.0, .counter, $0.1, Double($0.2)) } + brokers(statistics)
    }

    private static func brokers(_ statistics: KafkaStatistics) -> [MetricFamily] {
        var up = MetricFamily("parley_kafka_broker_up", .gauge, "1 while a client that asked the broker is connected.")
        var mean = MetricFamily(
            "parley_kafka_broker_round_trip_seconds", .gauge, "From request to answer, on average of the last interval."
        )
        var slowest = MetricFamily(
            "parley_kafka_broker_round_trip_p99_seconds", .gauge, "From request to answer, the slowest hundredth.")
        for (name, broker) in statistics.brokers.sorted(by: { $0.key < $1.key }) {
            let label = [MetricFamily.Label("broker", name)]
            up.add(broker.isUp ? 1 : 0, label)
            mean.add(Double(broker.roundTripMicros) / 1e6, label)
            slowest.add(Double(broker.roundTripMicros99) / 1e6, label)
        }
        return [up, mean, slowest]
    }
}
