public import EventLog
public import Projection
import ViewStorage

/// What a rebuild would take, before it is begun.
public struct ReplayPlan: Sendable, Equatable {
    public var view: ProjectionName
    /// The generation it would build or go on with.
    public var generation: Int64
    /// Records of the log it would read.
    public var records: Int64
    /// Bytes it would write, as far as the active generation and the log tell.
    public var diskNeeded: Int64
    /// Bytes that are free where the view is; `nil` when nobody knows.
    public var diskFree: Int64?
    /// As fast as a machine of two cores of 2024 rebuilds.
    public var seconds: Double

    private static let recordsPerSecond: Double = 40_000
    private static let bytesPerRecord: Int64 = 700

    /// - Throws: `ProjectionError`, `LogError`.
    public init(log: any EventLog, generations: any ViewGenerations) throws {
        view = generations.projection
        let all = try generations.list()
        let active = all.first { $0.state == .active }
        let ends = try log.endOffsets()
        let begun = all.last { $0.state == .building }
        generation = try begun?.number ?? max(all.last?.number ?? 0, try generations.active()) + 1
        let bounds = try generations.livePositions() ?? ends
        records = view.topics.flatMap(log.partitionCounts.partitions(of:)).reduce(0) { $0 + (bounds[$1] ?? 0) }
        diskNeeded = max(active?.bytes ?? 0, records * Self.bytesPerRecord / 4)
        diskFree = generations.freeBytes()
        seconds = Double(records) / Self.recordsPerSecond
    }
}
