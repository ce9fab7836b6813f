public import EventLog
public import Messaging

/// The replicator's own store: positions, lanes and parked records, changed in one transaction each time, and what
/// operators ask of it. Kept in SQLite or PostgreSQL; both pass the same tests.
///
/// **Guarantees.** ``save(_:payload:)`` happens whole or not at all, and survives a crash once it returned. One
/// replicator at a time: a second one is refused with `busy`, and one that was taken over is refused with `fenced`
/// before anything of it is stored. Whatever throws leaves the store as it was.
/// Threads: one at a time; operators open their own.
public protocol ReplicationStore: AnyObject {
    // MARK: The replicator's side

    /// Everything the scheduler needs after a restart.
    /// - Throws: `ReplicationError`, as all of these.
    func load() throws -> StoredLanes

    /// Stores one consistent change, and forgets the requests that led to it.
    ///
    /// The same step again, because the first try failed with `unreachable`, changes nothing more but the counts.
    /// - Parameter payload: a newly parked record's key, value and append time.
    func save(_ step: ReplicationStep, payload: (Position) -> Payload?) throws

    /// The bytes of parked records, in the order of `records`.
    ///
    /// - Throws: `store` when one of them is not parked.
    func payloads(of records: [LaneRecord]) throws -> [Payload]

    /// Requests not carried out yet, oldest first, after the one named.
    func requests(after id: Int64, limit: Int) throws -> [LaneRequest]

    /// Proves that this replicator still owns the store; costs nothing most of the time. Call it before each append.
    /// - Throws: `fenced`, `unreachable`.
    func renew() throws

    /// Lets the next replicator begin at once.
    func release() throws

    // MARK: The operators' side

    /// Lanes with parked records, by id.
    func summaries() throws -> [LaneSummary]

    /// A lane's parked records in order, after one of them.
    func parked(of lane: ConversationID, after: Position?, limit: Int) throws -> [ParkedRecord]

    /// Leaves a request for each lane, with an audit line, in one transaction; the replicator carries it out.
    func request(_ lanes: [ConversationID], _ order: LaneOrder, nowMillis: Int64) throws

    /// What operators did, newest first.
    func auditLines(limit: Int) throws -> [AuditLine]

    /// Positions, counts and standing, as last stored.
    func figures() throws -> ReplicationFigures

    /// Whether a replicator works on this store now.
    func isOwned() throws -> Bool
}

extension ReplicationStore {
    /// An order that lacks what the audit needs is refused before anything is written.
    func check(_ order: LaneOrder) throws(ReplicationError) {
        guard order.skipsHead, order.operator.isEmpty || order.reason.isEmpty else {
            guard !order.operator.isEmpty else { throw ReplicationError(.invalid, "a redrive needs who asks for it") }
            return
        }
        throw ReplicationError(.invalid, "skipping a record needs both who does it and why")
    }
}
