import ContentProtection
import Deployment
import EventLog
import LegacyMailbox
import Messaging
import Postgres
import Replication

/// What a benchmark of replication works with: a deployment of its own.
struct ReplicationBench {
    let deployment: Deployment
    let keys: any KeyService
    /// Where the replicator's store is, if not in a file of the deployment.
    private let server: PostgresAddress?

    /// - Parameter server: a database of the benchmark's own for the replicator's store.
    init(_ scratch: String, storeOn server: PostgresAddress? = nil) throws {
        deployment = try Deployment(try DeploymentSettings(data: scratch), ifMissing: .create)
        keys = try deployment.openKeys()
        self.server = server
    }

    var log: any EventLog { deployment.log }

    func openStore() throws -> any ReplicationStore {
        if let server { return try PostgresReplicationStore(server, access: .replicate) }
        return try SQLiteReplicationStore(deployment.settings.data.replication, access: .replicate)
    }

    /// - Parameter poisoned: writes of these lanes fail; every other one goes on.
    func replicator(
        _ store: any ReplicationStore, failing: Failing? = nil, poisoned: Set<ConversationID> = [],
        settings: Replicator.Settings = .init(seed: 1)
    ) throws -> Replicator {
        var converters = Translator.standard
        if let failing { converters.insert(PoisonConverter(lanes: poisoned, failing: failing), at: 0) }
        return try Replicator(
            log: log, store: store, keys: keys,
            records: LegacyRecords(
                format: OwnFormat(), namespace: deployment.settings.namespace,
                translator: Translator(converters: converters)),
            settings: settings
        ) { _ in }
    }

    /// Replicates everything that is there.
    func replicateAll() throws {
        let store = try openStore()
        try replicator(store).run(once: true) { false }
        try store.release()
    }
}

/// How a poisoned lane fails.
enum Failing: Sendable {
    /// It is tried again and again.
    case transiently
    /// It is dead at once.
    case forGood
}

/// Lets every write of some lanes fail.
private struct PoisonConverter: Converter {
    let name = "poison"
    let useCase = "A benchmark sees what failing lanes cost the others."
    var lanes: Set<ConversationID>
    var failing: Failing

    func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard lanes.contains(context.conversation) else { return }
        throw ReplicationError(.untranslatable, "poisoned", isRetriable: failing == .transiently)
    }
}
