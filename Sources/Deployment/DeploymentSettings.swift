public import Messaging

/// Where the parts of a deployment are.
public struct DeploymentSettings: Sendable {
    /// Where the master key is.
    public enum MasterKeySource: Sendable {
        /// A file of 0600; `nil`: `keys/master.key` of the data directory, made on first use.
        case file(String?)
        /// The key itself as 64 hexadecimal digits, and what to call its source in messages.
        case hexadecimal([UInt8], source: String)
    }

    public var data: DataDirectory
    public var log: LogLocation
    public var sharedStore: StoreLocation
    public var personalStore: StoreLocation
    /// The replicator's own: its position and what waits in lanes.
    public var replicationStore: StoreLocation
    public var masterKey: MasterKeySource
    /// Fixed for the life of the deployment; direct conversations' ids come from it.
    public var namespace: Identifier
    /// Settings of the log on Kafka, by the names of `KafkaSettings`.
    public var kafka: [String: String]
    /// Whether daemons say on standard error what the log's clients hold; not when only figures are asked for.
    public var tellsLogStatistics = true

    /// A deployment that keeps everything in one directory, but for what is named otherwise.
    /// - Parameters:
    ///   - log: `sqlite:DIR` or `kafka:HOST:PORT,...`.
    ///   - sharedStore: `sqlite:FILE` or `postgres://...`; `personalStore` and `replicationStore` likewise.
    /// - Throws: `DeploymentError` with `configuration` for a URL of no known form.
    public init(
        data: String, log: String? = nil, sharedStore: String? = nil, personalStore: String? = nil,
        replicationStore: String? = nil, masterKey: MasterKeySource = .file(nil),
        namespace: Identifier = .defaultNamespace,
        kafka: [String: String] = [:]
    ) throws(DeploymentError) {
        let data = DataDirectory(data)
        self.data = data
        self.log = if let log { try LogLocation(url: log) } else { .sqlite(directory: data.log) }
        self.sharedStore =
            if let sharedStore {
                try StoreLocation(url: sharedStore, view: "shared")
            } else {
                .sqlite(file: data.sharedView)
            }
        self.personalStore =
            if let personalStore {
                try StoreLocation(url: personalStore, view: "personal")
            } else {
                .sqlite(file: data.personalView)
            }
        self.replicationStore =
            if let replicationStore {
                try StoreLocation(url: replicationStore, view: "replication")
            } else {
                .sqlite(file: data.replication)
            }
        self.masterKey = masterKey
        self.namespace = namespace
        self.kafka = kafka
    }
}
