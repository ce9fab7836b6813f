/// Everything that a process tells of itself when it is asked.
///
/// Nothing is counted here: each collector reads what is counted anyway, or asks a store, at the time of asking. So hot
/// paths pay nothing. A collector that fails leaves its figures out, and `parley_collector_up` says which one it was: an
/// old value is never shown as a present one.
///
/// Threads: ``text()`` one at a time.
public struct MetricsRegistry: Sendable {
    /// What reads figures of one area.
    public struct Collector: Sendable {
        public let name: String
        let collect: @Sendable () throws -> [MetricFamily]

        /// - Parameters:
        ///   - name: one word.
        ///   - collect: blocks as long as it takes; called on the thread that serves the figures.
        public init(_ name: String, _ collect: @escaping @Sendable () throws -> [MetricFamily]) {
            self.name = name
            self.collect = collect
        }
    }

    private let collectors: [Collector]
    /// Told of each failure.
    private let failed: @Sendable (_ collector: String, any Error) -> Void

    /// - Precondition: no two collectors give a family of the same name.
    public init(
        _ collectors: [Collector], failed: @escaping @Sendable (_ collector: String, any Error) -> Void = { _, _ in }
    ) {
        self.collectors = collectors
        self.failed = failed
    }

    /// All figures now, by name, in Prometheus' text format.
    public func text() -> [UInt8] {
        var families: [MetricFamily] = []
        var up = MetricFamily(
            "parley_collector_up", .gauge, "1 when the figures of this area could be read, 0 when they are left out.")
        for collector in collectors {
            do {
                families += try collector.collect()
                up.add(1, [.init("collector", collector.name)])
            } catch {
                failed(collector.name, error)
                up.add(0, [.init("collector", collector.name)])
            }
        }
        families.append(up)
        families.sort { $0.name < $1.name }
        precondition(
            zip(families, families.dropFirst()).allSatisfy { $0.name != $1.name }, "two families have one name")
        var text = PrometheusText()
        for family in families { text.write(family) }
        return text.bytes
    }
}
