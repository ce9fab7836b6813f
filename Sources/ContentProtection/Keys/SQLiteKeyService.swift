import Messaging
import SQLite
import Synchronization

/// The default key service: keys in one SQLite file of their own (`keys.sqlite`, mode 0600), each wrapped under the
/// master key. Schemas/SEALED.md describes the file.
///
/// - Several processes on one machine may use one file at once, each with its own service.
/// - A service may be shared by any threads; calls wait for each other. A call that makes keys syncs the file once,
///   however many keys it makes; calls that read cost some microseconds a key.
/// - After a destruction the wrapped key is overwritten in the file and the write-ahead log is emptied before the call
///   returns. What a copying file system, a flash disk or a backup keeps of older blocks is out of reach from here;
///   such remains open nothing without the master key.
public final class SQLiteKeyService: KeyService {
    /// What to do when there is no key store yet.
    public enum IfMissing: Sendable {
        /// Make one: right where nothing was sealed yet.
        case create
        /// Refuse: right wherever sealed content exists already.
        case fail
    }

    /// The file of the key store.
    public let file: String
    private let store: Mutex<KeyStore>

    /// Opens the key store.
    ///
    /// - Parameters:
    ///   - file: its path; files with `-wal` and `-shm` after the name belong to it. Its directory must exist.
    ///   - masterKey: the key it was made under; used now, and not kept.
    ///   - ifMissing: what to do when there is none.
    ///   - busyTimeoutMillis: how long a call waits for another process's lock before it fails, retriable.
    /// - Throws: ``ContentProtectionError``: `keyStoreMissing`, `keyStoreExposed`, `keyStoreDamaged`, `wrongMasterKey`,
    ///   `keyStoreUnavailable` (it says whether it is retriable).
    public init(file: String, masterKey: MasterKey, ifMissing: IfMissing, busyTimeoutMillis: Int = 10_000) throws {
        self.file = file
        store = Mutex(
            try SQLiteKeyService.translating(file) {
                let store = try KeyStore(
                    file: file, masterKey: masterKey, ifMissing: ifMissing, busyTimeoutMillis: busyTimeoutMillis)
                // A destruction that was killed between its commit and its end; while others use the file, it is
                // theirs.
                _ = try store.scrubIfDue()
                return store
            })
    }

    public func currentKeys(of owners: [KeyOwner]) throws -> [CurrentKey] {
        try locked { store in
            var known = try store.knownKeys(of: owners)
            if known.contains(where: { $0 == nil }) { try store.makeKeys(of: owners, missingIn: &known) }
            return known.compactMap { $0 }
        }
    }

    public func key(of owner: KeyOwner, generation: KeyGeneration) throws -> KeyLookup {
        try locked { try $0.key(of: owner, generation: generation) }
    }

    @discardableResult
    public func destroyKeys(of owners: [KeyOwner]) throws -> Int {
        try locked { store in
            let destroyed = try store.destroyKeys(of: owners)
            let isScrubbed: Bool
            do { isScrubbed = try store.scrubIfDue() } catch {
                throw erasureUnfinished("could not be finished", cause: error)
            }
            guard isScrubbed else { throw erasureUnfinished("was kept in use by another process", cause: nil) }
            return destroyed
        }
    }

    public func destructionMark() throws -> UInt64 { try locked { try $0.destructions() } }

    private func erasureUnfinished(_ what: String, cause: (any Error)?) -> ContentProtectionError {
        ContentProtectionError(
            .erasureUnfinished,
            "the keys are destroyed and open nothing any more, but emptying \(file)-wal, where their wrapped bytes "
                + "still are, \(what); run the same again",
            isRetriable: true, cause: cause)
    }

    private func locked<Result: Sendable>(_ body: (KeyStore) throws -> Result) throws -> Result {
        try store.withLock { store in try SQLiteKeyService.translating(file) { try body(store) } }
    }

    /// Says what SQLite's errors mean for a key store.
    private static func translating<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as SQLiteError {
            if error.isCorrupt {
                var damaged = KeyStore.damaged(file, "SQLite cannot read it")
                damaged.cause = error
                throw damaged
            }
            throw ContentProtectionError(
                .keyStoreUnavailable, "the key store \(file) cannot be used: \(remedy(error))",
                isRetriable: error.isRetriable || error.isFull, cause: error)
        }
    }

    private static func remedy(_ error: SQLiteError) -> String {
        if error.isBusy { return "another process holds it; try again" }
        if error.isFull { return "the disk is full; make room and try again" }
        if error.isReadOnly || error.isCannotOpen { return "it and its directory must be writable" }
        return "see to its disk"
    }
}
