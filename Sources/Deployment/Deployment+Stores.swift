import PersonalMetadata
public import Projection
import SharedContent

extension Deployment {
    /// Opens a view's store for its projector, making or migrating it as needed.
    ///
    /// The store belongs to the thread that uses it.
    /// - Throws: `ProjectionError`; `DeploymentError` for a kind of store this version does not have.
    public func openStore(_ projection: ProjectionName) throws -> any ViewStore {
        switch (projection, storeLocation(of: projection)) {
        case (.shared, .sqlite(let file)): return try SQLiteSharedContentStore(path: file)
        case (.personal, .sqlite(let file)): return try SQLitePersonalMetadataStore(path: file)
        case (_, .postgres):
            throw DeploymentError(
                .configuration,
                "\(projection.rawValue) store: postgres: this version keeps its views in SQLite only: give sqlite:FILE")
        }
    }

    /// Where a view is.
    public func storeLocation(of projection: ProjectionName) -> StoreLocation {
        switch projection {
        case .shared: settings.sharedStore
        case .personal: settings.personalStore
        }
    }
}
