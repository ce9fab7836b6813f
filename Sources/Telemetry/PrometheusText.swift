/// Writes figures in Prometheus' text format, version 0.0.4.
///
/// (https://prometheus.io/docs/instrumenting/exposition_formats/)
public struct PrometheusText {
    /// What a reply calls it.
    public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    public private(set) var bytes: [UInt8] = []

    public init() {}

    /// Writes one family; one without samples is left out.
    public mutating func write(_ family: MetricFamily) {
        guard !family.samples.isEmpty else { return }
        append("# HELP \(family.name) ")
        appendEscaped(family.help, quotes: false)
        append("\n# TYPE \(family.name) \(family.kind.rawValue)\n")
        for sample in family.samples {
            append(family.name)
            write(sample.labels)
            append(" \(Self.number(sample.value))\n")
        }
    }

    private mutating func write(_ labels: [MetricFamily.Label]) {
        guard !labels.isEmpty else { return }
        for (index, label) in labels.enumerated() {
            append(index == 0 ? "{" : ",")
            append("\(label.name)=\"")
            appendEscaped(label.value, quotes: true)
            append("\"")
        }
        append("}")
    }

    private mutating func append(_ text: String) { bytes += text.utf8 }

    /// A backslash and a line feed are escaped everywhere, a quote in the values of labels.
    private mutating func appendEscaped(_ text: String, quotes: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case UInt8(ascii: "\n"): append("\\n")
            case UInt8(ascii: "\"") where quotes: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }

    /// Whole numbers without a point, so that people can compare them with what other commands print.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value) { return "\(whole)" }
        return "\(value)"
    }
}
