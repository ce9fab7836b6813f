import EventLog
public import MessagingService
import PersonalMetadata
import Projection
import SharedContent

extension Deployment {
    /// Opens both views for reading; for one thread. Views that nobody has projected yet read as empty.
    /// - Throws: `ProjectionError`; `DeploymentError` for a kind of store this version does not have.
    public func openReadPath() throws -> ReadPath {
        let shared = try settings.file(of: .shared)
        let personal = try settings.file(of: .personal)
        return try ReadPath(
            openShared: { try SQLiteSharedContentQueries(path: shared) },
            openPersonal: { try SQLitePersonalMetadataQueries(path: personal) },
            partitionCounts: log.partitionCounts, content: ContentOpener { try self.openKeys() })
    }
}

extension DeploymentSettings {
    /// The SQLite file of a view.
    /// - Throws: `DeploymentError` for a kind of store this version does not have.
    func file(of projection: ProjectionName) throws(DeploymentError) -> String {
        guard case .sqlite(let file) = projection == .shared ? sharedStore : personalStore else {
            throw DeploymentError(
                .configuration,
                "\(projection.rawValue) store: postgres: this version keeps its views in SQLite only: give sqlite:FILE")
        }
        return file
    }
}

extension StoreLocation {
    /// The URL; there is never a password in it.
    public var url: String {
        switch self {
        case .sqlite(let file): "sqlite:\(file)"
        case .postgres(let url): url
        }
    }
}
