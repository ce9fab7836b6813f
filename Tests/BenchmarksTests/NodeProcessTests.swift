import Testing

@testable import Benchmarks

@Suite struct NodeProcessTests {
    @Test func whatSaysWhereToMeasureDoesNotReachTheProcessesMeasured() {
        let found = NodeProcess.environment(
            ["PATH=/bin", "PARLEY_LOG=kafka:broker:9092", "PGPASSFILE=/secret", "PARLEY_DATA=/elsewhere"],
            ["KAFKA_SASL_PASSWORD": "word"])
        #expect(found == ["PATH=/bin", "PGPASSFILE=/secret", "PARLEY_KAFKA_SASL_PASSWORD=word"])
    }
}
