public import Projection
public import Replay

extension Deployment {
    /// Whether a view's store keeps generations.
    public func hasGenerations(of projection: ProjectionName) -> Bool {
        if case .sqlite = settings.storeLocation(of: projection) { true } else { false }
    }

    /// The generations of a view, wherever it is kept.
    /// - Throws: `DeploymentError` where generations are not known.
    public func generations(of projection: ProjectionName) throws(DeploymentError) -> any ViewGenerations {
        switch settings.storeLocation(of: projection) {
        case .sqlite(let file): return SQLiteViewGenerations(projection, path: file)
        case .postgres:
            throw DeploymentError(
                .configuration, "the \(projection.rawValue) view: generations are kept in sqlite: stores only, so far")
        }
    }
}
