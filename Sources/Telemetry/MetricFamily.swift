/// What a figure is, for whoever reads it.
public enum MetricKind: String, Sendable {
    /// Goes up and down.
    case gauge
    /// Only grows, and begins again at 0 with whatever counts it.
    case counter
}

/// One figure in all its variants, as it was when it was asked for.
///
/// Names are `parley_AREA_WHAT_UNIT`, in base units (seconds, bytes); those of counters end with `_total`.
public struct MetricFamily: Sendable, Equatable {
    /// A value and what it is of.
    public struct Sample: Sendable, Equatable {
        /// In the order in which they are shown; names differ.
        public var labels: [Label]
        public var value: Double

        public init(_ labels: [Label], _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// A name and any text.
    public struct Label: Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    public let name: String
    public let kind: MetricKind
    /// One sentence.
    public let help: String
    public var samples: [Sample] = []

    /// - Precondition: `name` is letters, digits and `_` and begins with none of the digits; a counter's ends with `_total`.
    public init(_ name: String, _ kind: MetricKind, _ help: String) {
        precondition(Self.isName(name), "no name of a metric: \(name)")
        precondition(
            (kind == .counter) == name.hasSuffix("_total"), "a counter ends with _total, nothing else: \(name)")
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// One with a single value.
    public init(_ name: String, _ kind: MetricKind, _ help: String, _ value: Double) {
        self.init(name, kind, help)
        add(value)
    }

    public mutating func add(_ value: Double, _ labels: [Label] = []) {
        precondition(labels.allSatisfy { Self.isName($0.name) }, "no name of a label")
        samples.append(Sample(labels, value))
    }

    /// Whether a text may name a metric or a label.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}
