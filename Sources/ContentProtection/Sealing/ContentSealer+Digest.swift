public import Messaging

extension ContentSealer {
    private static let digestInfo = Array("parley-payload-digest-v1".utf8)

    /// The keyed digest by which a projector tells a copy of a send from a conflict (SEMANTICS rule 2).
    ///
    /// Equal content and `replyTo` in one conversation give equal digests, until the conversation's key is destroyed:
    /// what is sent again after an erasure is no longer known to be a copy. Without the key the digest tells nothing;
    /// whoever has the conversation's key can test a guess of the content against it.
    /// - Parameters:
    ///   - content: the canonical encoding of the content.
    ///   - replyTo: the message replied to.
    /// - Throws: ``ContentProtectionError``, from the key service.
    public func digest(
        content: [UInt8], replyTo: MessageID?, conversation: ConversationID
    ) throws -> PayloadDigest {
        let current = try currentKey(of: .conversation(conversation))
        return try digest(content: content, replyTo: replyTo, key: current)
    }

    func digest(content: [UInt8], replyTo: MessageID?, key: CachedKey) throws -> PayloadDigest {
        let digestKey = try digestKey(of: key)
        try digestKey.withBytes { try hash.begin(key: $0) }
        try content.withUnsafeBytes { content in
            try withUnsafeBytes(of: UInt32(content.count).bigEndian) { try hash.update($0) }
            try hash.update(content)
        }
        try withUnsafeBytes(of: UInt32(replyTo == nil ? 0 : 16).bigEndian) { try hash.update($0) }
        if let replyTo { try replyTo.value.withBytes { try hash.update($0) } }
        return try withUnsafeTemporaryAllocation(byteCount: KeyedHash.byteCount, alignment: 16) { output in
            let start = output.baseAddress.unsafelyUnwrapped
            try hash.finish(into: start)
            return PayloadDigest(Identifier(unaligned: start))
        }
    }

    private func digestKey(of key: CachedKey) throws -> SecretKey {
        if let known = key.digestKey { return known }
        let extracted = try key.secret.withBytes { try hash.extract(salt: [], secret: $0) }
        let made = try hash.expand(extracted, info: ContentSealer.digestInfo)
        key.digestKey = made
        return made
    }
}
