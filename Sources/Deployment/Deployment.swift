public import ContentProtection
public import EventLog
import Glibc
public import MessagingService
import SQLiteLog

/// An open deployment: its log and, when asked for, its keys.
///
/// Any thread may use it.
public final class Deployment: Sendable {
    /// What to do where there is nothing yet.
    public enum IfMissing: Sendable {
        /// Make it: for whoever writes first.
        case create
        /// Refuse: for whoever reads.
        case fail
    }

    public let settings: DeploymentSettings
    public let log: any EventLog
    /// Shared by all who admit in this process, so that minted ids increase.
    private let mint = CommandIDMint()
    private let lastOrds: ViewLastOrds

    /// Opens the log.
    /// - Throws: `DeploymentError`, `LogError`.
    public init(_ settings: DeploymentSettings, ifMissing: IfMissing) throws {
        self.settings = settings
        lastOrds = ViewLastOrds(settings)
        guard case .sqlite(let directory) = settings.log else {
            throw DeploymentError(
                .configuration, "log: kafka: this version keeps its log in SQLite only: give --log sqlite:DIR")
        }
        if case .fail = ifMissing, !DataDirectory.isDirectory(directory) {
            throw DeploymentError(
                .missing, "no log: \(directory): append something first, or name the right directory with --data")
        }
        try settings.data.create()
        try FixedSettings(namespace: settings.namespace).settle(in: settings.data)
        log = try SQLiteLog(directory: directory)
    }

    /// Opens the keys; makes key store and master key where nothing was sealed yet.
    ///
    /// Once the log has records a missing key store is an error: a new one could open none of them.
    /// - Throws: `ContentProtectionError`, `LogError`.
    public func openKeys() throws -> any KeyService {
        let isNew = try log.endOffsets().values.allSatisfy { $0 == 0 }
        return try SQLiteKeyService(
            file: settings.data.keyStore, masterKey: try masterKey(mayCreate: isNew),
            ifMissing: isNew ? .create : .fail)
    }

    private func masterKey(mayCreate: Bool) throws -> MasterKey {
        switch settings.masterKey {
        case .hexadecimal(let text, let source):
            return try text.withUnsafeBytes { try MasterKey(hexadecimal: $0, source: source) }
        case .file(let named?): return try MasterKey(file: named)
        case .file(nil):
            let file = settings.data.masterKey
            let isOrphaned = access(settings.data.keyStore, F_OK) == 0
            guard mayCreate, !isOrphaned, access(file, F_OK) != 0 else { return try MasterKey(file: file) }
            do {
                return try MasterKey.create(file: file)
            } catch let error as ContentProtectionError where error.code == .masterKeyFileExists {
                // Another process was faster.
                return try MasterKey(file: file)
            }
        }
    }

    /// A new admission, for one thread.
    ///
    /// - Parameter known: as in `Admission`.
    /// - Throws: `ContentProtectionError`.
    public func makeAdmission(
        keys: any KeyService, authority: AdmissionSettings.Authority = .operator, known: KnownRecords? = nil
    ) throws -> Admission {
        try Admission(
            settings: AdmissionSettings(
                namespace: settings.namespace, partitionCounts: log.partitionCounts, authority: authority),
            keys: keys, mint: mint, lastOrds: lastOrds, known: known)
    }

    /// Ends the use of the log.
    public func close() { log.close() }
}
