import Messaging
import Postgres
import Projection
import Replication
import TestSupport

/// A new replicator's store of a kind, and others over the same rows.
final class StoreFixture {
    let kind: StoreKind
    private let directory: ScratchDirectory
    private let database: String?

    /// Runs `body` over a new store; what it made is removed afterwards.
    static func with(_ kind: StoreKind, _ body: (StoreFixture) throws -> Void) throws {
        let fixture = try StoreFixture(kind)
        defer { if let name = fixture.database { try? PostgresServer.shared().dropDatabase(name) } }
        try body(fixture)
    }

    private init(_ kind: StoreKind) throws {
        self.kind = kind
        directory = try ScratchDirectory()
        database = kind == .postgres ? try PostgresServer.shared().makeDatabase() : nil
    }

    var address: PostgresAddress {
        get throws { try PostgresServer.shared().address(database ?? "postgres") }
    }

    /// - Parameters:
    ///   - leaseMicros: in PostgreSQL; a file's lock has no time.
    ///   - owner: likewise; the kernel knows who holds a lock.
    func open(
        _ access: ReplicationAccess = .replicate, leaseMicros: Int64 = 60_000_000, owner: String? = nil
    ) throws -> any ReplicationStore {
        switch kind {
        case .sqlite: try SQLiteReplicationStore(directory.path + "/replication.sqlite", access: access)
        case .postgres:
            try PostgresReplicationStore(
                address, access: access, leaseMicros: leaseMicros, owner: owner.map { LeaseOwner(text: $0) })
        }
    }
}
