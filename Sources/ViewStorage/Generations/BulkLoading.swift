/// What a generation's store offers for loading much at once.
///
/// Between ``beginLoading(_:)`` and ``endLoading()`` nobody but the loader uses the generation. Whatever ends the process
/// in between, committed batches stay; after the machine itself went down they may not, and ``beginLoading(_:)`` says so.
/// Threads: as the store: one at a time.
public protocol BulkLoading: AnyObject {
    /// Prepares for loading: secondary indexes go, and syncing waits for the end.
    ///
    /// - Parameter note: what the loader wants to find when it goes on after an interruption.
    /// - Returns: the note of the loading that was begun here before; `nil` for a new one.
    /// - Throws: `ProjectionError` with code `corrupt` when what was loaded before may be lost: begin anew.
    func beginLoading(_ note: [UInt8]) throws -> [UInt8]?

    /// Has the disk take what was loaded so far, a little at a time, so that nobody's sync meets much of it at once.
    ///
    /// Slow: for where somebody is live on the machine. Called between batches.
    func writeOut() throws

    /// Makes indexes that were dropped: those named, or all.
    func makeIndexes(_ names: Set<String>?) throws

    /// Makes everything durable, and the generation one like any other.
    func endLoading() throws

    /// What is known of the batches that follow: what need not be looked for.
    var novelty: BulkNovelty { get set }

    /// Whether a loading was begun here and has not ended.
    func isLoading() throws -> Bool
}

/// What a loader knows not to be stored yet when it gives a batch.
public enum BulkNovelty: Sendable {
    case unknown
    /// Nothing of the conversations of its records is, in any table, but members' own rows.
    case conversations
    /// No command of the members of its records was applied.
    case members
}
