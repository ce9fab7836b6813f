import Telemetry
import Testing

/// The text that Prometheus reads.
@Suite struct PrometheusTextTests {
    private func text(_ families: MetricFamily...) -> String {
        var text = PrometheusText()
        for family in families { text.write(family) }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func aFamilyHasItsHelpItsTypeAndALineASample() {
        var family = MetricFamily("parley_things_total", .counter, "Things.")
        family.add(3, [.init("kind", "a"), .init("place", "b")])
        family.add(0.5, [.init("kind", "c"), .init("place", "d")])
        #expect(
            text(family) == """
                # HELP parley_things_total Things.
                # TYPE parley_things_total counter
                parley_things_total{kind="a",place="b"} 3
                parley_things_total{kind="c",place="d"} 0.5

                """)
    }

    @Test func whatWouldBreakALineIsEscaped() {
        var family = MetricFamily("parley_things", .gauge, "A \\ and\na \"line\".")
        family.add(1, [.init("name", "a \\ and\na \"line\"\u{e9}")])
        #expect(
            text(family) == """
                # HELP parley_things A \\\\ and\\na "line".
                # TYPE parley_things gauge
                parley_things{name="a \\\\ and\\na \\"line\\"\u{e9}"} 1

                """)
    }

    @Test func aFamilyWithoutSamplesIsLeftOut() {
        #expect(text(MetricFamily("parley_things", .gauge, "Things.")) == "")
    }

    @Test(arguments: [
        (0.0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (0.25, "0.25"), (1e300, "1e+300"), (.infinity, "+Inf"),
        (-.infinity, "-Inf"), (.nan, "NaN"),
    ]) func numbersAreWhatPrometheusReads(_ value: Double, _ expected: String) {
        #expect(text(MetricFamily("parley_n", .gauge, "N.", value)).hasSuffix("\nparley_n \(expected)\n"))
    }
}

/// Figures of several areas together.
@Suite struct MetricsRegistryTests {
    private struct Away: Error {}

    @Test func familiesComeByNameAndACollectorThatFailsLeavesItsOwnOut() {
        let registry = MetricsRegistry([
            .init("works") {
                [MetricFamily("parley_b", .gauge, "B.", 2), MetricFamily("parley_a", .gauge, "A.", 1)]
            },
            .init("fails") { throw Away() },
        ])
        let lines = String(decoding: registry.text(), as: UTF8.self).split(separator: "\n").filter { $0.first != "#" }
        #expect(
            lines == [
                "parley_a 1", "parley_b 2", "parley_collector_up{collector=\"works\"} 1",
                "parley_collector_up{collector=\"fails\"} 0",
            ])
    }
}
