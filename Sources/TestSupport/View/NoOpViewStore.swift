public import EventLog
public import Projection

/// A store that does nothing and complains about nothing: every check of ``ViewStoreConformance`` must fail on it.
public final class NoOpViewStore: ViewStore {
    public let projection: ProjectionName

    public init(_ projection: ProjectionName) { self.projection = projection }

    public func claim(
        _ partitions: [TopicPartition], owner: LeaseOwner, leaseMicros: Int64
    ) throws -> [TopicPartition: Int64] {
        Dictionary(uniqueKeysWithValues: partitions.map { ($0, 1) })
    }

    public func release(owner: LeaseOwner) throws {}
    public func positions() throws -> [TopicPartition: Int64] { [:] }
    public func attempts() throws -> [Attempt] { [] }
    public func begin(_ attempts: [Attempt], epochs: [TopicPartition: Int64]) throws {}
    public func apply(_ batch: ProjectionBatch) throws -> BatchReport { BatchReport() }
}

extension ViewFixture {
    /// The fixture of a view that is not there.
    public static func nothing(_ projection: ProjectionName) -> ViewFixture {
        ViewFixture(
            open: { NoOpViewStore(projection) }, another: { $0 }, contents: { _ in [] }, parked: { _ in [] },
            deadOwner: LeaseOwner(text: "dead"))
    }
}
