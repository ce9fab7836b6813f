import Benchmarks
import TestSupport
import Testing

@Suite struct MeasurementTests {
    @Test func aFigureIsTheMedianOfItsRunsOverTheMedianOfTheFloors() {
        let floors = [4.0, 100, 2]
        let values = [9.0, 1, 6]
        let figure = Measurement.inTurns(name: "a.b", unit: "records/s", runs: 3) {
            floors[$0]
        } value: {
            values[$0]
        }
        let wanted = Measurement(
            name: "a.b", value: 6, unit: "records/s", floor: 4, ratio: 1.5, min: 1, max: 9, runs: 3)
        #expect(figure == wanted)
    }

    @Test func aQuantileIsThatOfAllRunsTogether() {
        let figure = Measurement(
            name: "a.b", unit: "ms", quantile: 0.5, values: [[9, 1, 2], [6, 8]], floors: [[2, 4], [100]])
        let wanted = Measurement(name: "a.b", value: 6, unit: "ms", floor: 4, ratio: 1.5, min: 2, max: 8, runs: 2)
        #expect(figure == wanted)
    }

    @Test func appendingIsMeasuredAndLeavesNoFiles() throws {
        try withTemporaryDirectory { directory in
            let batch = try AppendBenchmarks.batch500(in: directory, runs: 1, batches: 2)
            #expect(batch.name == "append.sqlite.batch500")
            #expect(batch.value > 0 && batch.floor > 0)
            let concurrent = try AppendBenchmarks.concurrent8(in: directory, runs: 1, recordsPerCaller: 5)
            #expect(concurrent.name == "append.concurrent8")
            #expect(concurrent.value > 0 && concurrent.floor > 0)
            #expect(try filesIn(directory).isEmpty)
        }
    }
}
