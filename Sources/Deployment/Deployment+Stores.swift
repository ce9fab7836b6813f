import PersonalMetadata
public import Postgres
public import Projection
import SharedContent

extension Deployment {
    /// Opens a view's store for its projector, making or migrating it as needed.
    ///
    /// The store belongs to the thread that uses it.
    /// - Throws: `ProjectionError`; `DeploymentError` with `configuration` for a URL that makes no sense.
    public func openStore(_ projection: ProjectionName) throws -> any ViewStore {
        try settings.openStore(projection)
    }

    /// Where a view is.
    public func storeLocation(of projection: ProjectionName) -> StoreLocation {
        settings.storeLocation(of: projection)
    }
}

extension DeploymentSettings {
    /// Opens a view's store as its projector does, making or migrating it as far as the role may; the log is not needed.
    ///
    /// The store belongs to the thread that uses it.
    /// - Throws: `ProjectionError`; `DeploymentError` with `configuration` for a URL that makes no sense.
    public func openStore(_ projection: ProjectionName) throws -> any ViewStore {
        switch (projection, storeLocation(of: projection)) {
        case (.shared, .sqlite(let file)): try SQLiteSharedContentStore(path: file)
        case (.personal, .sqlite(let file)): try SQLitePersonalMetadataStore(path: file)
        case (.shared, .postgres(let url)): try PostgresSharedContentStore(address: Self.address(url))
        case (.personal, .postgres(let url)): try PostgresPersonalMetadataStore(address: Self.address(url))
        }
    }

    /// Where a view is.
    public func storeLocation(of projection: ProjectionName) -> StoreLocation {
        switch projection {
        case .shared: sharedStore
        case .personal: personalStore
        }
    }

    /// The PostgreSQL server that a view is in, if one is.
    public var postgresServer: PostgresAddress? {
        for case .postgres(let url) in [sharedStore, personalStore] { return try? Self.address(url) }
        return nil
    }

    /// A server's address from its URL.
    /// - Throws: `DeploymentError` with `configuration`.
    public static func address(_ url: String) throws(DeploymentError) -> PostgresAddress {
        do { return try PostgresAddress(url: url) } catch {
            throw DeploymentError(.configuration, error.message, cause: error)
        }
    }
}
