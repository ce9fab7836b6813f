import EventLog
public import MessagingService
import PersonalMetadata
import Projection
import SharedContent

extension Deployment {
    /// Opens both views for reading; for one thread. Views that nobody has projected yet read as empty.
    /// - Throws: `ProjectionError`; `DeploymentError` with `configuration` for a URL that makes no sense.
    public func openReadPath() throws -> ReadPath {
        let settings = settings
        return try ReadPath(
            openShared: { try settings.openSharedQueries() }, openPersonal: { try settings.openPersonalQueries() },
            partitionCounts: log.partitionCounts, content: ContentOpener { try self.openKeys() })
    }
}

extension DeploymentSettings {
    func openSharedQueries() throws -> any SharedContentQueries {
        switch sharedStore {
        case .sqlite(let file): return try SQLiteSharedContentQueries(path: file)
        case .postgres(let url):
            do { return try PostgresSharedContentQueries(address: Self.address(url)) } catch let error
                as ProjectionError where error.code == .missing
            {
                return try SQLiteSharedContentQueries(path: Self.standIn)
            }
        }
    }

    func openPersonalQueries() throws -> any PersonalMetadataQueries {
        switch personalStore {
        case .sqlite(let file): return try SQLitePersonalMetadataQueries(path: file)
        case .postgres(let url):
            do { return try PostgresPersonalMetadataQueries(address: Self.address(url)) } catch let error
                as ProjectionError where error.code == .missing
            {
                return try SQLitePersonalMetadataQueries(path: Self.standIn)
            }
        }
    }

    /// An empty view of one connection alone, in place of one that nobody has made yet.
    private static let standIn = ":memory:"
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
