public import Projection
public import Replay

extension Deployment {
    /// The generations of a view, wherever it is kept.
    /// - Throws: `DeploymentError` with `configuration` for a URL that makes no sense.
    public func generations(of projection: ProjectionName) throws(DeploymentError) -> any ViewGenerations {
        switch settings.storeLocation(of: projection) {
        case .sqlite(let file): return SQLiteViewGenerations(projection, path: file)
        case .postgres(let url):
            return PostgresViewGenerations(
                projection, address: try DeploymentSettings.address(url), workDirectory: settings.data.path)
        }
    }
}
