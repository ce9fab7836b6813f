import EventLog
public import MessagingService
import PersonalMetadata
public import Projection
import SharedContent

extension Deployment {
    /// Opens views for reading; for one thread. Views that nobody has projected yet read as empty.
    /// - Parameter views: the others are left alone and read as empty: for roles that may read one view only.
    /// - Throws: `ProjectionError`; `DeploymentError` with `configuration` for a URL that makes no sense.
    public func openReadPath(_ views: [ProjectionName] = ProjectionName.allCases) throws -> ReadPath {
        let settings = settings
        return try ReadPath(
            openShared: {
                views.contains(.shared)
                    ? try settings.openSharedQueries()
                    : try SQLiteSharedContentQueries(path: DeploymentSettings.standIn)
            },
            openPersonal: {
                views.contains(.personal)
                    ? try settings.openPersonalQueries()
                    : try SQLitePersonalMetadataQueries(path: DeploymentSettings.standIn)
            },
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
    fileprivate static let standIn = ":memory:"
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
