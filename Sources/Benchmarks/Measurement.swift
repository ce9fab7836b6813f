/// One measured figure beside its floor, both from the same run on the same machine.
public struct Measurement: Sendable, Equatable {
    /// `area.work[.detail]`, such as `append.sqlite.batch500`.
    public var name: String
    /// The median of the runs.
    public var value: Double
    /// What value, floor, min and max count.
    public var unit: String
    /// The median of the floor's runs: what the same work costs without us, or what is compared with.
    public var floor: Double
    /// `value / floor`.
    public var ratio: Double
    /// The lowest and the highest value of the runs.
    public var min: Double
    public var max: Double
    public var runs: Int

    public init(
        name: String, value: Double, unit: String, floor: Double, ratio: Double, min: Double, max: Double, runs: Int
    ) {
        self.name = name
        self.value = value
        self.unit = unit
        self.floor = floor
        self.ratio = ratio
        self.min = min
        self.max = max
        self.runs = runs
    }

    /// The medians of runs, each value beside its floor.
    /// - Precondition: as many floors as values, and at least one.
    public init(name: String, unit: String, values: [Double], floors: [Double]) {
        precondition(!values.isEmpty && values.count == floors.count, "a figure needs runs, each with its floor")
        let (values, floors) = (values.sorted(), floors.sorted())
        let (value, floor) = (values[values.count / 2], floors[floors.count / 2])
        self.init(
            name: name, value: value, unit: unit, floor: floor, ratio: value / floor, min: values[0],
            max: values[values.count - 1], runs: values.count)
    }

    /// A quantile of all that several runs measured, beside that of their floors; lowest and highest are those of a run.
    ///
    /// A high quantile of one run rests on a handful of its numbers: that of all runs together is steadier than the median
    /// of theirs.
    /// - Precondition: each run has a number.
    public init(name: String, unit: String, quantile q: Double, values: [[Double]], floors: [[Double]]) {
        let runs = values.map { Self.quantile($0.sorted(), q) }
        let value = Self.quantile(values.flatMap { $0 }.sorted(), q)
        let floor = Self.quantile(floors.flatMap { $0 }.sorted(), q)
        self.init(
            name: name, value: value, unit: unit, floor: floor, ratio: value / floor, min: runs.min() ?? value,
            max: runs.max() ?? value, runs: runs.count)
    }

    /// - Precondition: `sorted` is, and not empty.
    static func quantile(_ sorted: [Double], _ q: Double) -> Double {
        sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * q))]
    }

    /// Measures floor and value in turns, so that both see the same machine.
    ///
    /// - Parameters:
    ///   - runs: at least 1; how often each is measured.
    ///   - floor: gives the run's number from 0 and answers with the floor in `unit`.
    ///   - value: as `floor`, of what is measured.
    public static func inTurns(
        name: String, unit: String, runs: Int, floor: (Int) throws -> Double, value: (Int) throws -> Double
    ) rethrows -> Measurement {
        precondition(runs >= 1, "a figure needs a run")
        var floors: [Double] = []
        var values: [Double] = []
        for run in 0..<runs {
            floors.append(try floor(run))
            values.append(try value(run))
        }
        return Measurement(name: name, unit: unit, values: values, floors: floors)
    }
}

extension Measurement {
    /// One JSON object on one line.
    public var json: String {
        "{\"name\":\"\(name)\",\"value\":\(Self.number(value)),\"unit\":\"\(unit)\",\"floor\":\(Self.number(floor)),"
            + "\"ratio\":\(Self.number(ratio)),\"min\":\(Self.number(min)),\"max\":\(Self.number(max)),\"runs\":\(runs)}"
    }

    /// One line for people.
    public var line: String {
        "\(name): \(Self.number(value)) \(unit), floor \(Self.number(floor)), ratio \(Self.number(ratio)) "
            + "(min \(Self.number(min)), max \(Self.number(max)), \(runs) runs)"
    }

    /// Three digits after the point below 100, none above.
    private static func number(_ value: Double) -> String {
        guard value.isFinite else { return "null" }
        if value >= 100 { return String(Int64(value.rounded())) }
        let thousandths = Int64((value * 1_000).rounded())
        let fraction = String(thousandths % 1_000)
        return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
