/// Where keys come from and where they are destroyed; the only thing that has to be kept secret and backed up apart.
///
/// Guarantees every implementation gives:
/// - An owner has at most one current key. Everybody who asks at the same time, from any thread or process, gets the
///   same.
/// - A generation, once given, names that key for good; it becomes destroyed, never another key.
/// - After ``destroyKeys(of:)`` returned, no call anywhere gives those keys again, and a key asked for next is a new
///   one of the next generation: old content stays erased, new content works.
/// - Keys are durable before they are returned, so that nothing sealed is lost with a crash.
///
/// Calls block (they may sync a file or ask a server) and may come from any thread.
public protocol KeyService: Sendable {
    /// The current keys of these owners; those who have none get one, all in one durable step.
    ///
    /// - Parameter owners: in any order; one named twice is answered twice with the same key.
    /// - Returns: one answer for each owner, in their order.
    /// - Throws: ``ContentProtectionError``; then no key of this call was made.
    func currentKeys(of owners: [KeyOwner]) throws -> [CurrentKey]

    /// The key content was sealed with.
    ///
    /// - Returns: `unknown` for a generation this service never gave: these are not the keys of that content.
    func key(of owner: KeyOwner, generation: KeyGeneration) throws -> KeyLookup

    /// Destroys every key of these owners, for good and at once.
    ///
    /// - Returns: how many keys existed and are now destroyed; 0 when there were none (left).
    /// - Throws: ``ContentProtectionError``, with code `erasureUnfinished` when the keys can no longer be used but
    ///   their old wrapped bytes could not be removed from the files yet: calling again, for the same owners, goes on.
    @discardableResult
    func destroyKeys(of owners: [KeyOwner]) throws -> Int

    /// A number that grows whenever keys are destroyed, by whichever process; cheap enough to ask before every batch.
    ///
    /// Whoever caches keys forgets them when it has changed.
    func destructionMark() throws -> UInt64
}

extension KeyService {
    /// The current key of one owner; where many are needed, asking once for all of them is much cheaper.
    public func currentKey(of owner: KeyOwner) throws -> CurrentKey { try currentKeys(of: [owner])[0] }
}

/// The key an owner's new content is sealed with.
public struct CurrentKey: Sendable {
    public var generation: KeyGeneration
    public var key: SecretKey

    public init(generation: KeyGeneration, key: SecretKey) {
        self.generation = generation
        self.key = key
    }
}

/// What a key service knows of a generation of an owner's key.
public enum KeyLookup: Sendable {
    case key(SecretKey)
    /// It existed and was destroyed: what it sealed is erased.
    case destroyed
    /// It never existed here.
    case unknown
}
