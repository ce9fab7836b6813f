public import EventLog
import Messaging
import PersonalMetadata
public import Projection
import SharedContent
public import ViewStorage
public import Wire

/// How far each projection has come in one partition, and what it could not apply.
public struct ProjectionStatus: Sendable, Equatable {
    public var projection: ProjectionName
    /// The active one.
    public var generation: Int64
    public var partition: TopicPartition
    /// The next offset; 0 when nothing was projected.
    public var position: Int64
    /// Records between the position and the log's end.
    public var gap: Int64
    /// Since when the first record not projected has been in the log; 0 without a gap.
    public var lagSeconds: Double
    /// Who projects it now; `nil` when nobody does.
    public var owner: String?
    /// How often it was taken; 0 when never.
    public var epoch: Int64
    /// Rows present now.
    public var parked: Int64
    /// Rows present now; of the shared projection only.
    public var rejected: Int64
    /// Commands that wait for their message now.
    public var orphaned: Int64
}

/// The log's ends and how far every projection is behind them.
public struct StatusAnswer: Sendable {
    /// By topic and partition.
    public var ends: [Position]
    /// By projection, topic and partition.
    public var projections: [ProjectionStatus]

    /// Builds of the views, by projection and number; whoever knows them puts them here.
    public var generations: [(projection: ProjectionName, generation: Generation)] = []

    /// Whether every projection had reached the ends.
    public var hasNoGap: Bool { projections.allSatisfy { $0.gap == 0 } }
}

extension ReadPath {
    /// How far the views are behind a log's present ends.
    /// - Parameters:
    ///   - views: which of them.
    ///   - clock: the log's, to tell how long a record has waited.
    /// - Throws: `ProjectionError`, `LogError`.
    public func status(
        of log: any EventLog, views: [ProjectionName] = ProjectionName.allCases, clock: LogClock = .system
    ) throws -> StatusAnswer {
        let ends = try log.endOffsets()
        var projections: [ProjectionStatus] = []
        for view in views {
            for var status in try statuses(of: view) {
                status.gap = max(0, (ends[status.partition] ?? 0) - status.position)
                if status.gap > 0 {
                    let first = try log.read(status.partition, from: status.position, maxRecords: 1, maxBytes: 1)
                    status.lagSeconds =
                        first.entries.first.map { Double(max(0, clock.nowMicros() - $0.appendTime)) / 1e6 } ?? 0
                }
                projections.append(status)
            }
        }
        return StatusAnswer(
            ends: log.partitionCounts.all.map { Position($0, ends[$0] ?? 0) }, projections: projections)
    }

    /// What the view itself knows.
    private func statuses(of view: ProjectionName) throws -> [ProjectionStatus] {
        let scope = scopes.everything(of: view)
        return try answer(scope, nil) {
            let (queries, rejected, waiting): (any ViewQueries, [TopicPartition: Int64], [TopicPartition: Int64])
            switch view {
            case .shared:
                (queries, rejected, waiting) = (shared, try shared.rejectionCounts(), try shared.waitingCounts())
            case .personal:
                (queries, rejected, waiting) = (
                    personal, [:], try personal.waitingCounts(partitionOf: scopes.partition)
                )
            }
            let positions = try queries.positions()
            let parked = try queries.parkedCounts()
            let leases = Dictionary(uniqueKeysWithValues: try queries.leases().map { ($0.partition, $0) })
            return (scope.shared + scope.personal).map { partition in
                ProjectionStatus(
                    projection: view, generation: queries.generation, partition: partition,
                    position: positions[partition] ?? 0, gap: 0, lagSeconds: 0,
                    owner: leases[partition]?.owner?.text, epoch: leases[partition]?.epoch ?? 0,
                    parked: parked[partition] ?? 0, rejected: rejected[partition] ?? 0,
                    orphaned: waiting[partition] ?? 0)
            }
        }.value
    }
}

extension StatusAnswer {
    /// Writes it as an object, as the interface says.
    /// - Parameter store: where a view is kept, without passwords.
    public func write(to writer: inout JSONWriter, store: (ProjectionName) -> String) {
        writer.beginObject()
        writer.key("log")
        writer.beginArray()
        for end in ends {
            writer.beginObject()
            writer.field("topic", text: Array(end.partition.topic.name.utf8))
            writer.field("partition", Int64(end.partition.partition))
            writer.field("end", end.offset)
            writer.endObject()
        }
        writer.endArray()
        writer.key("projections")
        writer.beginArray()
        for projection in projections { projection.write(to: &writer, store: store(projection.projection)) }
        writer.endArray()
        if generations.contains(where: { $0.generation.state != .active }) { writeGenerations(to: &writer) }
        writer.endObject()
    }

    /// Only where there are others than those in use: who never rebuilt a view has nothing to tell.
    private func writeGenerations(to writer: inout JSONWriter) {
        writer.key("generations")
        writer.beginArray()
        for (projection, generation) in generations {
            writer.beginObject()
            writer.field("projection", text: Array(projection.rawValue.utf8))
            writer.field("generation", generation.number)
            writer.field("state", text: Array(generation.state.rawValue.utf8))
            writer.field("bytes", generation.bytes)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension ProjectionStatus {
    fileprivate func write(to writer: inout JSONWriter, store: String) {
        writer.beginObject()
        writer.field("projection", text: Array(projection.rawValue.utf8))
        writer.field("store", text: Array(store.utf8))
        writer.field("generation", generation)
        writer.field("topic", text: Array(partition.topic.name.utf8))
        writer.field("partition", Int64(partition.partition))
        writer.field("position", position)
        writer.field("gap", gap)
        writer.key("lagSeconds")
        writer.number(lagSeconds)
        writer.field("owner", text: owner.map { Array($0.utf8) })
        writer.field("epoch", epoch)
        writer.field("parked", parked)
        writer.field("rejected", rejected)
        writer.field("orphaned", orphaned)
        writer.endObject()
    }
}
