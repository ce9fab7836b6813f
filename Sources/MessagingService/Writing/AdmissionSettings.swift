public import EventLog
public import Messaging

/// What admission needs to know of the deployment and of who asks.
public struct AdmissionSettings: Sendable {
    /// Whose word counts.
    public enum Authority: Sendable, Equatable {
        /// Whoever can read the stores and the key: any actor, any conversation id.
        case `operator`
        /// An authenticated member, who acts for nobody else and makes groups with ids of version 7 only (rule 29).
        case member(MemberID)
    }

    /// Of the deployment, for the ids of direct conversations.
    public var namespace: Identifier
    /// Of the log that will take the records.
    public var partitionCounts: PartitionCounts
    public var authority: Authority
    /// The log's clock: an ord ahead of it is refused.
    public var clock: LogClock

    public init(
        namespace: Identifier = .defaultNamespace, partitionCounts: PartitionCounts, authority: Authority,
        clock: LogClock = .system
    ) {
        self.namespace = namespace
        self.partitionCounts = partitionCounts
        self.authority = authority
        self.clock = clock
    }
}
