import COpenSSL
import Glibc
import SQLite

extension KeyStore {
    /// "PKEY", in the header of every key store.
    private static let applicationID: Int64 = 0x504b_4559
    private static let format: Int64 = 1
    private static let keyCheckBytes = 16

    /// Schemas/SEALED.md says what each column is.
    private static let schema = """
        CREATE TABLE store (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            salt BLOB NOT NULL,
            key_check BLOB NOT NULL,
            destructions INTEGER NOT NULL,
            scrub_due INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE wrapped_key (
            slot INTEGER PRIMARY KEY,
            wrapped BLOB NOT NULL
        ) STRICT;
        CREATE TABLE owner_key (
            owner_kind INTEGER NOT NULL,
            owner BLOB NOT NULL,
            generation INTEGER NOT NULL,
            slot INTEGER NOT NULL,
            destroyed INTEGER NOT NULL,
            PRIMARY KEY (owner_kind, owner, generation)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(format);
        """

    /// Opens a key store, or makes one, and proves that the master key is the one it was made under.
    convenience init(
        file: String, masterKey: MasterKey, ifMissing: SQLiteKeyService.IfMissing, busyTimeoutMillis: Int = 10_000
    ) throws {
        try KeyStore.prepareFile(file, ifMissing: ifMissing)
        let connection = try Connection(
            file, access: .readWrite, busyTimeoutMillis: busyTimeoutMillis,
            pragmas: [
                "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY", "trusted_schema=OFF",
            ])
        let hash = try KeyedHash()
        try KeyStore.prepareSchema(connection, file: file, masterKey: masterKey, ifMissing: ifMissing, hash: hash)
        let root = try KeyStore.provenRoot(connection, file: file, masterKey: masterKey, hash: hash)
        try self.init(connection: connection, file: file, root: root, hash: hash)
    }

    // MARK: The file

    /// Makes the file with its mode before SQLite would make it with another; SQLite gives the same mode to those
    /// beside it.
    ///
    /// An existing file is never opened here: closing it would take away the locks SQLite holds on it in this process.
    private static func prepareFile(_ file: String, ifMissing: SQLiteKeyService.IfMissing) throws {
        var status = stat()
        if stat(file, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw ContentProtectionError(
                    .keyStoreUnavailable, "the key store \(file) is not a file; name another one")
            }
            guard status.st_mode & 0o077 == 0 else {
                throw ContentProtectionError(
                    .keyStoreExposed,
                    "others than its owner may use the key store \(file) (mode \(octal(status.st_mode))); if "
                        + "nobody has copied it, run: chmod 600 '\(file)'*")
            }
            return
        }
        guard errno == ENOENT else { throw cannotOpen(file, errno) }
        guard ifMissing == .create else { throw missing(file, "is not there") }
        let descriptor = Glibc.open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 && errno == EEXIST { return }
        guard descriptor >= 0 else { throw cannotOpen(file, errno) }
        close(descriptor)
        guard syncDirectory(of: file) else { throw cannotOpen(file, errno) }
    }

    // MARK: The schema

    private static func prepareSchema(
        _ connection: Connection, file: String, masterKey: MasterKey, ifMissing: SQLiteKeyService.IfMissing,
        hash: KeyedHash
    ) throws {
        if try connection.queryInt64("PRAGMA application_id") != applicationID {
            try connection.transaction {
                let found = try connection.queryInt64("PRAGMA application_id")
                // Another process was faster.
                if found == applicationID { return }
                guard found == 0, try connection.queryInt64("SELECT count(*) FROM sqlite_schema") == 0 else {
                    throw damaged(file, "it is a SQLite database of something else")
                }
                guard ifMissing == .create else { throw missing(file, "is empty") }
                try connection.execute(schema)
                try insertStoreRow(connection, masterKey: masterKey, hash: hash)
            }
        }
        let found = try connection.queryInt64("PRAGMA user_version") ?? 0
        guard found == format else {
            throw ContentProtectionError(
                .keyStoreUnavailable,
                "the key store \(file) has format \(found), and this program knows \(format); use a newer program"
            )
        }
    }

    private static func insertStoreRow(_ connection: Connection, masterKey: MasterKey, hash: KeyedHash) throws {
        var salt = [UInt8](repeating: 0, count: 32)
        guard RAND_bytes(&salt, Int32(salt.count)) == 1 else { throw ContentProtectionError.library("RAND_bytes") }
        let root = try masterKey.secret.withBytes { try hash.extract(salt: salt, secret: $0) }
        let insert = try connection.prepare(
            "INSERT INTO store (one, salt, key_check, destructions, scrub_due) VALUES (1, ?1, ?2, 0, 0)")
        try insert.bind(salt, at: 1)
        try insert.bind(try keyCheck(of: root, hash: hash), at: 2)
        try insert.run()
    }

    private static func provenRoot(
        _ connection: Connection, file: String, masterKey: MasterKey, hash: KeyedHash
    ) throws -> SecretKey {
        let query = try connection.prepare("SELECT salt, key_check FROM store")
        guard try query.step() else { throw damaged(file, "it has no row in the table store") }
        let (salt, check) = (query.bytes(0), query.bytes(1))
        query.reset()
        guard salt.count == 32 && check.count == keyCheckBytes else {
            throw damaged(file, "its table store is not as made")
        }
        let root = try masterKey.secret.withBytes { try hash.extract(salt: salt, secret: $0) }
        let computed = try keyCheck(of: root, hash: hash)
        guard CRYPTO_memcmp(computed, check, keyCheckBytes) == 0 else {
            throw ContentProtectionError(
                .wrongMasterKey,
                "the master key given is not the one the key store \(file) was made under; give that one"
            )
        }
        return root
    }

    /// Tells a wrong master key at once, and tells nothing about the right one.
    private static func keyCheck(of root: SecretKey, hash: KeyedHash) throws -> [UInt8] {
        var check = [UInt8](repeating: 0, count: keyCheckBytes)
        try check.withUnsafeMutableBytes {
            try hash.expand(root, info: Array("parley-key-store-v1 check".utf8), into: $0)
        }
        return check
    }

    // MARK: Errors

    private static func missing(_ file: String, _ what: String) -> ContentProtectionError {
        ContentProtectionError(
            .keyStoreMissing,
            "the key store \(file) \(what); nothing sealed can be opened without: restore its backup, or name its file"
        )
    }

    private static func cannotOpen(_ file: String, _ code: Int32) -> ContentProtectionError {
        ContentProtectionError(
            .keyStoreUnavailable,
            "the key store \(file) cannot be opened or made: \(reason(code)); its directory must exist and be writable",
            isRetriable: code == ENOSPC)
    }
}
