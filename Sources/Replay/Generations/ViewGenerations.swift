public import EventLog
public import Projection
public import ViewStorage

/// The generations of one view, wherever it is stored.
///
/// Threads: any; calls block.
public protocol ViewGenerations: Sendable {
    var projection: ProjectionName { get }
    /// Where the view is, for messages.
    var place: String { get }

    /// Takes the lock of whoever builds, swaps or removes generations; it is given up with the answer, or the process.
    /// - Returns: `nil` when another process has it.
    func lock() throws -> AnyObject?

    /// Every generation there is, by number.
    func list() throws -> [Generation]

    /// The number of the active one, whether it was made yet or not.
    func active() throws -> Int64

    /// Opens a generation for building, making it when there is none; it is listed as `building` from then on.
    /// - Parameter cachedRows: how many rows its fold keeps between batches.
    func open(_ generation: Int64, cachedRows: Int) throws -> any ViewStore

    /// What the store of a generation offers for loading much at once; `nil` when it offers nothing.
    func bulk(_ store: any ViewStore) -> (any BulkLoading)?

    /// Notes what is known of a generation that is not active.
    func mark(_ generation: Int64, _ state: Generation.State) throws

    /// One unchanging state of a generation.
    func rows(of generation: Int64) throws -> any RowSource

    /// Where the active generation stands; `nil` when no projector has made it.
    func livePositions() throws -> [TopicPartition: Int64]?

    /// Of the partitions that a projector owns now, where the active generation stands; `nil` when no projector has made
    /// it.
    func ownedPositions() throws -> [TopicPartition: Int64]?

    /// Makes a generation the active one, in one step for everybody.
    ///
    /// - Parameters:
    ///   - generation: complete.
    ///   - bringTo: called while nobody can write to the one that is active: brings the new one to the positions given.
    func activate(_ generation: Int64, bringTo: ([TopicPartition: Int64]) throws -> Void) throws

    /// A directory for what does not fit in memory while a generation is built.
    var workDirectory: String { get }

    /// Changes rows of the active generation in one transaction.
    ///
    /// - Parameter body: given its rows, where it stands, and what changes a row to what a difference says was rebuilt.
    /// - Throws: what `body` throws; nothing is changed then.
    func change(
        _ body: (any RowSource, [TopicPartition: Int64], _ change: (RowDifference) throws -> Void) throws -> Void
    ) throws

    /// Removes a generation that is not active.
    func remove(_ generation: Int64) throws

    /// Bytes that the store's disk still takes; `nil` when nobody knows.
    func freeBytes() -> Int64?
}
