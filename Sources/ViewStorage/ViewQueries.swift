public import EventLog

/// What readers ask any view, wherever it is stored.
///
/// Every query is called inside ``read(_:)`` and sees that one state. Threads: one at a time; calls block.
public protocol ViewQueries: AnyObject {
    /// Whether a projector has made the view. Until then it reads as empty and has to be opened again afterwards.
    var isMade: Bool { get }

    /// Whether what is open is the active generation of a view that is made; if not, it has to be opened again.
    var isCurrent: Bool { get throws }

    /// The generation that is open.
    var generation: Int64 { get }

    /// Runs `body` over one unchanging state of the view.
    /// - Throws: `ProjectionError`, and what `body` throws.
    func read<Result>(_ body: () throws -> Result) throws -> Result

    /// The next offset of every partition ever projected; of others nothing is in the view.
    func positions() throws -> [TopicPartition: Int64]

    /// Every lease, by partition.
    func leases() throws -> [LeaseRow]

    /// Parked records now, by partition.
    func parkedCounts() throws -> [TopicPartition: Int64]

    /// Gives every row of the view as a line of canonical JSON without the line feed, by table and key.
    func dump(_ body: ([UInt8]) throws -> Void) throws
}
