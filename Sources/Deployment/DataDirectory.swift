import Glibc

/// Everything the embedded default keeps, in one directory.
///
/// ```
/// DIR/deployment            the settings fixed for the deployment's life
/// DIR/partitions            with a log on Kafka: how many partitions its topics have, fixed too
/// DIR/log/                  the log
/// DIR/keys/keys.sqlite      wrapped keys
/// DIR/keys/master.key       the key that wraps them, mode 0600: back it up apart from the rest
/// DIR/views/shared.sqlite   the shared-content view
/// DIR/views/personal.sqlite the personal-metadata view
/// DIR/replication.sqlite    the replicator's position and parked records
/// ```
public struct DataDirectory: Sendable, Equatable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public var log: String { path + "/log" }
    public var keys: String { path + "/keys" }
    public var keyStore: String { keys + "/keys.sqlite" }
    public var masterKey: String { keys + "/master.key" }
    public var views: String { path + "/views" }
    public var sharedView: String { views + "/shared.sqlite" }
    public var personalView: String { views + "/personal.sqlite" }
    public var replication: String { path + "/replication.sqlite" }
    var settings: String { path + "/deployment" }
    var partitions: String { path + "/partitions" }

    /// Makes the directory, those above it and those in it, where they are missing. Only the owner enters `keys`.
    /// - Throws: `DeploymentError` with `cannotCreate`.
    public func create() throws(DeploymentError) {
        try Self.makeDirectories(path, mode: 0o777)
        try Self.makeDirectories(views, mode: 0o777)
        try Self.makeDirectories(keys, mode: 0o700)
    }

    /// Whether there is such a directory.
    public var exists: Bool { Self.isDirectory(path) }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private static func makeDirectories(_ path: String, mode: mode_t) throws(DeploymentError) {
        if isDirectory(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]), mode: 0o777)
        }
        guard mkdir(path, mode) != 0, errno != EEXIST || !isDirectory(path) else { return }
        let reason = String(cString: strerror(errno))
        throw DeploymentError(
            .cannotCreate, "cannot create the directory: \(path): \(reason): choose another with --data")
    }
}
