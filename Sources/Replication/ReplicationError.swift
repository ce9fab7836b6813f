/// Why replication stopped, or a legacy write was not applied.
public struct ReplicationError: Error, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable, CaseIterable {
        /// A legacy write that cannot become commands as it is.
        case untranslatable
        /// A record that is no legacy write.
        case undecodable
        /// Another replicator works on this store.
        case busy
        /// Another replicator has taken this store over; this one must not write any more.
        case fenced
        /// The replicator's store failed, or is damaged.
        case store
        /// The server of the replicator's store does not answer.
        case unreachable
        /// This process may not do that with the store.
        case notAllowed
        /// The store is no replicator's, or of another version.
        case incompatible
        /// Nothing has been replicated here yet.
        case missing
        /// An operator's request that makes no sense.
        case invalid
    }

    public var code: Code
    /// What happened, where, and what to do. Never holds content.
    public var message: String
    /// The same call may succeed later.
    public var isRetriable: Bool
    public var cause: (any Error)?

    public init(_ code: Code, _ message: String, isRetriable: Bool = false, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.isRetriable = isRetriable
        self.cause = cause
    }

    public var description: String { message + (cause.map { " (\($0))" } ?? "") }
}
