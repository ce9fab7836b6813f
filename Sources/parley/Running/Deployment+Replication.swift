import Deployment
import LegacyMailbox
import Replication

extension DeploymentSettings {
    /// Opens the replicator's own store.
    /// - Throws: `ReplicationError`; `DeploymentError` with `configuration` for a URL that makes no sense.
    func openReplicationStore(_ access: ReplicationAccess) throws -> any ReplicationStore {
        switch replicationStore {
        case .sqlite(let file): try SQLiteReplicationStore(file, access: access)
        case .postgres(let url): try PostgresReplicationStore(Self.address(url), access: access)
        }
    }
}
