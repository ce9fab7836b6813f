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
        floors.sort()
        values.sort()
        let (middleFloor, middle) = (floors[runs / 2], values[runs / 2])
        return Measurement(
            name: name, value: middle, unit: unit, floor: middleFloor, ratio: middle / middleFloor, min: values[0],
            max: values[runs - 1], runs: runs)
    }
}
