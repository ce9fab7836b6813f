import COpenSSL
import Messaging
import SQLite

/// The rows of a key store file, for one thread at a time; ``SQLiteKeyService`` puts a lock around it.
///
/// Keys lie in `wrapped_key`, in slots that are only ever appended and overwritten in place, 40 bytes by 40 bytes: a
/// row that never moves leaves no copy of itself in another page, so that overwriting it leaves nothing. `owner_key`,
/// whose rows do move, holds no key.
///
/// `Sendable` so that its owner can be, not because it may be shared; as ``SQLite/Connection``.
final class KeyStore: @unchecked Sendable {
    static let wrappedBytes = SecretKey.byteCount + KeyWrap.overheadBytes

    let connection: Connection
    let file: String
    /// Derived from the master key and the file's salt; every key's own wrapping key comes from it.
    private let root: SecretKey
    private let hash: KeyedHash
    private let keyWrap: KeyWrap
    private let newest: Statement
    private let one: Statement
    private let appendSlot: Statement
    private let appendKey: Statement
    private var mark: (dataVersion: Int64, destructions: UInt64)?

    /// - Parameters:
    ///   - connection: of a file whose schema is made.
    ///   - root: proven to be the file's.
    init(connection: Connection, file: String, root: SecretKey, hash: KeyedHash) throws {
        self.connection = connection
        self.file = file
        self.root = root
        self.hash = hash
        keyWrap = try KeyWrap()
        let select = """
            SELECT k.generation, k.destroyed, w.wrapped FROM owner_key AS k JOIN wrapped_key AS w ON w.slot = k.slot \
            WHERE k.owner_kind = ?1 AND k.owner = ?2
            """
        newest = try connection.prepare(select + " ORDER BY k.generation DESC LIMIT 1")
        one = try connection.prepare(select + " AND k.generation = ?3")
        appendSlot = try connection.prepare("INSERT INTO wrapped_key (wrapped) VALUES (?1)")
        appendKey = try connection.prepare(
            "INSERT INTO owner_key (owner_kind, owner, generation, slot, destroyed) VALUES (?1, ?2, ?3, ?4, 0)")
    }

    // MARK: Reading

    private enum Newest {
        case none
        case key(CurrentKey)
        case destroyed(KeyGeneration)
    }

    private func newestKey(of owner: KeyOwner) throws -> Newest {
        defer { newest.reset() }
        try bind(owner, to: newest)
        guard try newest.step() else { return .none }
        guard let generation = KeyGeneration(exactly: newest.int64(0)), generation > 0 else { throw damaged(owner, 0) }
        if newest.int64(1) != 0 { return .destroyed(generation) }
        return .key(CurrentKey(generation: generation, key: try unwrap(newest.blob(2), of: owner, generation)))
    }

    func key(of owner: KeyOwner, generation: KeyGeneration) throws -> KeyLookup {
        defer { one.reset() }
        try bind(owner, to: one)
        try one.bind(Int64(generation), at: 3)
        guard try one.step() else { return .unknown }
        if one.int64(1) != 0 { return .destroyed }
        return .key(try unwrap(one.blob(2), of: owner, generation))
    }

    /// How often keys were destroyed; asks the file only when another connection changed it.
    func destructions() throws -> UInt64 {
        // The version first: a change between the two reads shows as another version next time.
        let dataVersion = try connection.dataVersion()
        if let mark, mark.dataVersion == dataVersion { return mark.destructions }
        let query = try connection.statement("SELECT destructions FROM store")
        defer { query.reset() }
        guard try query.step() else { throw KeyStore.damaged(file, "it has no row in the table store") }
        let counted = UInt64(bitPattern: query.int64(0))
        mark = (dataVersion, counted)
        return counted
    }

    /// A change by this connection does not change its own data version.
    func forgetMark() { mark = nil }

    // MARK: Making keys

    /// - Returns: the current keys, and `nil` for owners who have none.
    func knownKeys(of owners: [KeyOwner]) throws -> [CurrentKey?] {
        try connection.readTransaction {
            try owners.map { owner in
                if case .key(let current) = try newestKey(of: owner) { current } else { nil }
            }
        }
    }

    /// Fills the gaps in one transaction; a key another process made meanwhile is taken, not replaced.
    func makeKeys(of owners: [KeyOwner], missingIn known: inout [CurrentKey?]) throws {
        var filled = known
        try connection.transaction {
            for (index, owner) in owners.enumerated() where filled[index] == nil {
                filled[index] =
                    switch try newestKey(of: owner) {
                    case .key(let current): current
                    case .none: try makeKey(of: owner, generation: 1)
                    case .destroyed(let last): try makeKey(of: owner, after: last)
                    }
            }
        }
        known = filled
    }

    private func makeKey(of owner: KeyOwner, after last: KeyGeneration) throws -> CurrentKey {
        guard last < KeyGeneration.max else { throw KeyStore.damaged(file, "\(owner) has used all key generations") }
        return try makeKey(of: owner, generation: last + 1)
    }

    private func makeKey(of owner: KeyOwner, generation: KeyGeneration) throws -> CurrentKey {
        let key = try SecretKey.random()
        try withUnsafeTemporaryAllocation(byteCount: KeyStore.wrappedBytes, alignment: 8) { output in
            let start = output.baseAddress.unsafelyUnwrapped
            try key.withBytes { raw in
                try keyWrap.wrap(
                    raw.baseAddress.unsafelyUnwrapped, count: raw.count, with: wrappingKey(of: owner, generation),
                    into: start)
            }
            try appendSlot.bind(UnsafeRawBufferPointer(output), at: 1)
        }
        try appendSlot.run()
        try bind(owner, to: appendKey)
        try appendKey.bind(Int64(generation), at: 3)
        try appendKey.bind(connection.lastInsertRowID, at: 4)
        try appendKey.run()
        return CurrentKey(generation: generation, key: key)
    }

    // MARK: Wrapping

    /// Each key is wrapped by a key of its own, derived with its owner and generation: moved to another row it does not
    /// unwrap.
    private func wrappingKey(of owner: KeyOwner, _ generation: KeyGeneration) throws -> SecretKey {
        var info = Array("parley-key-store-v1 key".utf8)
        info.append(owner.kind.rawValue)
        owner.id.withBytes { info.append(contentsOf: $0) }
        withUnsafeBytes(of: generation.bigEndian) { info.append(contentsOf: $0) }
        return try hash.expand(root, info: info)
    }

    private func unwrap(
        _ wrapped: UnsafeRawBufferPointer, of owner: KeyOwner, _ generation: KeyGeneration
    ) throws -> SecretKey {
        guard wrapped.count == KeyStore.wrappedBytes, let start = wrapped.baseAddress else {
            throw damaged(owner, generation)
        }
        return try SecretKey { output in
            let isIntact = try keyWrap.unwrap(
                start, count: wrapped.count, with: wrappingKey(of: owner, generation),
                into: output.baseAddress.unsafelyUnwrapped)
            guard isIntact else { throw damaged(owner, generation) }
        }
    }

    func bind(_ owner: KeyOwner, to statement: Statement) throws {
        try statement.bind(Int64(owner.kind.rawValue), at: 1)
        try statement.bind(high: owner.id.high, low: owner.id.low, at: 2)
    }

    // MARK: Errors

    private func damaged(_ owner: KeyOwner, _ generation: KeyGeneration) -> ContentProtectionError {
        KeyStore.damaged(file, "key \(generation) of \(owner) does not unwrap")
    }

    static func damaged(_ file: String, _ what: String) -> ContentProtectionError {
        ContentProtectionError(
            .keyStoreDamaged,
            "the key store \(file) is damaged: \(what); stop everything that uses it and restore its backup")
    }
}
