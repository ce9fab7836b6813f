public import ContentProtection
public import EventLog
import Glibc
public import KafkaLog
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
    /// What an operator should know of the log's settings; nothing that loses or reorders records.
    public let warnings: [String]
    /// What the log's clients say of themselves, and how often it is new; `nil` where that is not asked for.
    public let logStatistics: (latest: @Sendable () -> KafkaStatistics?, intervalMillis: Int)?
    /// Bytes of records that the projectors of this process may hold in batches, all together; `nil` where nothing bounds
    /// them but each projector's own limits.
    public let projectingBytes: Int?
    /// Shared by all who admit in this process, so that minted ids increase.
    private let mint = CommandIDMint()
    private let lastOrds: ViewLastOrds

    /// Opens the log.
    /// - Parameter observe: told, in a sentence for an operator, what is odd about what is read; on any thread.
    /// - Throws: `DeploymentError`, `LogError`.
    public init(
        _ settings: DeploymentSettings, ifMissing: IfMissing,
        observe: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.settings = settings
        lastOrds = ViewLastOrds(settings)
        if case .sqlite(let directory) = settings.log, case .fail = ifMissing, !DataDirectory.isDirectory(directory) {
            throw DeploymentError(
                .missing, "no log: \(directory): append something first, or name the right directory with --data")
        }
        try settings.data.create()
        try FixedSettings(namespace: settings.namespace).settle(in: settings.data)
        switch settings.log {
        case .sqlite(let directory):
            log = try SQLiteLog(directory: directory)
            warnings = []
            logStatistics = nil
            projectingBytes = nil
        case .kafka(let brokers):
            let kafka = try Self.openKafka(brokers, settings, observe)
            log = kafka
            projectingBytes = kafka.projectingBytes
            warnings = Self.texts(kafka.warnings)
            logStatistics =
                kafka.statisticsMillis == 0
                ? nil : ({ kafka.statistics }, kafka.statisticsMillis)
        }
    }

    /// One line for what is the same with several topics.
    private static func texts(_ findings: [TopicFinding]) -> [String] {
        var lines: [(setting: String, text: String, topics: [String])] = []
        for finding in findings {
            if let known = lines.firstIndex(where: { $0.setting == finding.setting }) {
                lines[known].topics.append("\(finding.subject)")
            } else {
                lines.append(
                    (finding.setting, "\(finding.consequence): see parley topics check", ["\(finding.subject)"]))
            }
        }
        return lines.map { "\($0.topics.joined(separator: ", ")): \($0.setting): \($0.text)" }
    }

    /// Opens the log on Kafka. The topics' partition counts become fixed with the first opening.
    private static func openKafka(
        _ brokers: String, _ settings: DeploymentSettings, _ observe: @escaping @Sendable (String) -> Void
    ) throws -> KafkaLog {
        let fixed = try FixedPartitions.read(in: settings.data)
        let log = try KafkaLog(
            KafkaSettings(brokers: brokers, properties: settings.kafka), partitionCounts: fixed?.counts,
            observe: observe)
        do {
            if fixed == nil { try FixedPartitions(counts: log.partitionCounts).settle(in: settings.data) }
        } catch {
            log.close()
            throw error
        }
        return log
    }

    /// Opens the keys; makes key store and master key where nothing was sealed yet.
    ///
    /// Once the log has records a missing key store is an error: a new one could open none of them.
    /// - Throws: `ContentProtectionError`, `LogError`.
    public func openKeys() throws -> any KeyService {
        // Legacy writes are not sealed: they may be there before the first key.
        let isNew = try log.endOffsets().allSatisfy { $0.value == 0 || $0.key.topic == .legacyWrites }
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
