public import Messaging

extension ContentSealer {
    /// Whether content can no longer be opened by anybody, from its header alone.
    ///
    /// - Throws: ``ContentProtectionError`` `unknownKey` when the key service never had its keys, or what it throws.
    public func isErased(_ header: SealedHeader, author: MemberID, conversation: ConversationID) throws -> Bool {
        let authorKey = try key(of: .member(author), generation: header.authorGeneration)
        let conversationKey = try key(of: .conversation(conversation), generation: header.conversationGeneration)
        return authorKey == nil || conversationKey == nil
    }

    /// The key new content is sealed with.
    func currentKey(of owner: KeyOwner) throws -> CachedKey {
        if case .key(let known) = cache.entry(.init(owner: owner, generation: 0)) { return known }
        return remember(try keys.currentKey(of: owner), of: owner)
    }

    /// The key content was sealed with; `nil` when it is destroyed.
    func key(of owner: KeyOwner, generation: KeyGeneration) throws -> CachedKey? {
        let name = KeyCache.Name(owner: owner, generation: generation)
        switch cache.entry(name) {
        case .key(let known): return known
        case .destroyed: return nil
        case nil: break
        }
        switch try keys.key(of: owner, generation: generation) {
        case .key(let secret):
            let made = CachedKey(generation: generation, secret: secret)
            cache.insert(.key(made), name)
            return made
        case .destroyed:
            cache.insert(.destroyed, name)
            return nil
        case .unknown:
            throw ContentProtectionError(
                .unknownKey,
                "content was sealed with key \(generation) of \(owner), which this key store never had: it is not the "
                    + "key store of this log, or an old copy of it; use the key store the log was written with")
        }
    }

    /// Keeps a current key under its generation as well, which opening asks for.
    func remember(_ current: CurrentKey, of owner: KeyOwner) -> CachedKey {
        let name = KeyCache.Name(owner: owner, generation: current.generation)
        let made: CachedKey
        if case .key(let known) = cache.entry(name) {
            made = known
        } else {
            made = CachedKey(generation: current.generation, secret: current.key)
            cache.insert(.key(made), name)
        }
        cache.insert(.key(made), .init(owner: owner, generation: 0))
        return made
    }
}
