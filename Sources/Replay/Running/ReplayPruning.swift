import Projection
public import ViewStorage

/// Removing generations that nobody uses.
public enum ReplayPruning {
    /// Removes every generation but the active one: earlier ones, half-built ones, those that differed.
    /// - Returns: what was removed.
    /// - Throws: `ReplayError` with `busy` while one is being built.
    public static func run(_ generations: any ViewGenerations) throws -> [Generation] {
        guard let lock = try generations.lock() else {
            throw ReplayError(
                .busy,
                "the \(generations.projection.rawValue) view at \(generations.place): a replay works on it: wait for its "
                    + "end", isRetriable: true)
        }
        defer { withExtendedLifetime(lock) {} }
        let unused = try generations.list().filter { $0.state != .active }
        for generation in unused { try generations.remove(generation.number) }
        return unused
    }
}
