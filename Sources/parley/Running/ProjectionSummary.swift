import Projection

/// What `project --once` answers with.
struct ProjectionSummary {
    private let report: BatchReport
    private let projection: ProjectionName

    init(_ report: BatchReport, _ projection: ProjectionName) {
        self.report = report
        self.projection = projection
    }

    func write(to console: Console) throws {
        guard console.json else {
            return try console.output.writeLine(
                "\(projection.rawValue): \(report.records) records: \(report.accepted) accepted, \(report.duplicate) "
                    + "duplicate, \(report.orphaned) orphaned, \(report.rejected) rejected, \(report.parked) parked")
        }
        try console.output.writeLine(
            "{\"projection\":\"\(projection.rawValue)\",\"records\":\(report.records),\"accepted\":\(report.accepted),"
                + "\"duplicate\":\(report.duplicate),\"orphaned\":\(report.orphaned),\"rejected\":\(report.rejected),"
                + "\"parked\":\(report.parked)}")
    }
}
