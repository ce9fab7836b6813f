import COpenSSL
public import Messaging

/// Seals content and titles before they enter the log, and opens them for readers. The format is Schemas/SEALED.md.
///
/// Threads: a sealer belongs to one thread at a time; make one per thread upon one shared ``KeyService``. It remembers
/// keys it has used, so call ``beginBatch(sealingFor:)`` before each batch of work (each request, each page): what was
/// erased by then, by whichever process, is unreadable from there on.
///
/// Cost: about 3 microseconds to seal or to open a message whose keys are remembered, 1 for a digest.
public final class ContentSealer {
    let keys: any KeyService
    var cache: KeyCache
    let hash: KeyedHash
    private let cipher: ContentCipher
    private let keyWrap: KeyWrap
    private let random = RandomPool()
    private let scratch = Scratch()
    private var mark: UInt64

    /// - Parameters:
    ///   - keys: where keys come from.
    ///   - rememberedKeys: how many unwrapped keys are kept in memory at most (about 250 bytes each); a key not
    ///     remembered costs a call of the service.
    /// - Throws: ``ContentProtectionError``.
    public init(keys: any KeyService, rememberedKeys: Int = 65_536) throws {
        self.keys = keys
        cache = KeyCache(capacity: rememberedKeys)
        hash = try KeyedHash()
        cipher = try ContentCipher()
        keyWrap = try KeyWrap()
        mark = try keys.destructionMark()
    }

    /// Forgets what was erased since the last batch, and fetches the keys about to be needed in one durable step.
    ///
    /// - Parameter owners: whose new content will be sealed (authors and conversations); duplicates are welcome. Owners
    ///   not named here work too, at one call of the key service, and for a new owner one sync of its file, each.
    ///
    /// What is sealed in this batch while another process erases the same owner may be sealed under the destroyed key:
    /// it is erased from the start, as if it had been said just before.
    /// - Throws: ``ContentProtectionError``.
    public func beginBatch(sealingFor owners: [KeyOwner] = []) throws {
        let now = try keys.destructionMark()
        if now != mark {
            cache.removeAll()
            mark = now
        }
        var missing: [KeyOwner] = []
        var seen: Set<KeyOwner> = []
        for owner in owners where cache.entry(.init(owner: owner, generation: 0)) == nil && seen.insert(owner).inserted
        {
            missing.append(owner)
        }
        if !missing.isEmpty {
            for (owner, current) in zip(missing, try keys.currentKeys(of: missing)) { _ = remember(current, of: owner) }
        }
    }

    // MARK: Sealing

    /// Seals content under a fresh content key, which its author's and its conversation's current keys wrap.
    ///
    /// Sealing the same twice gives different bytes.
    /// - Throws: ``ContentProtectionError``: `tooLarge` above ``SealedHeader/maximumPlaintextBytes``, or what the key
    ///   service throws.
    public func seal(_ plaintext: [UInt8], binding: SealBinding) throws -> Sealed {
        let author = try currentKey(of: .member(binding.author))
        let conversation = try currentKey(of: .conversation(binding.conversation))
        let fresh = SecretKey.byteCount + ContentCipher.nonceBytes
        return try random.withBytes(fresh) { fresh in
            try seal(
                plaintext, binding: binding, author: author, conversation: conversation, contentKey: fresh,
                nonce: fresh + SecretKey.byteCount)
        }
    }

    /// The whole of sealing, with what is random given: only so that tests can prove the bytes.
    func seal(
        _ plaintext: [UInt8], binding: SealBinding, author: CachedKey, conversation: CachedKey,
        contentKey: UnsafeRawPointer, nonce: UnsafeRawPointer
    ) throws -> Sealed {
        guard plaintext.count <= SealedHeader.maximumPlaintextBytes else {
            throw ContentProtectionError(
                .tooLarge,
                "content of \(plaintext.count) bytes is above the limit of \(SealedHeader.maximumPlaintextBytes) bytes")
        }
        let header = SealedHeader(
            authorGeneration: author.generation, conversationGeneration: conversation.generation)
        binding.writeAuthenticatedData(header: header, into: scratch.authenticated)
        try keyWrap.wrap(contentKey, count: SecretKey.byteCount, with: author.secret, into: scratch.innerWrap)
        let count = SealedHeader.overheadBytes + plaintext.count
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let output = UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
            output.storeBytes(of: SealedHeader.version, as: UInt8.self)
            output.storeBytes(
                of: header.authorGeneration.bigEndian, toByteOffset: SealedLayout.authorGeneration, as: UInt32.self)
            output.storeBytes(
                of: header.conversationGeneration.bigEndian, toByteOffset: SealedLayout.conversationGeneration,
                as: UInt32.self)
            (output + SealedLayout.nonce).copyMemory(from: nonce, byteCount: ContentCipher.nonceBytes)
            try keyWrap.wrap(
                scratch.innerWrap, count: SealedLayout.innerWrapBytes, with: conversation.secret,
                into: output + SealedLayout.wrappedKey)
            try plaintext.withUnsafeBytes { plaintext in
                try cipher.seal(
                    plaintext, key: contentKey, nonce: nonce, authenticating: scratch.authenticatedBytes,
                    into: output + SealedLayout.ciphertext)
            }
            initialized = count
        }
        return Sealed(bytes)
    }

    // MARK: Opening

    /// Opens content, or says that it was erased.
    ///
    /// - Returns: `erased` when the author's or the conversation's key it was sealed with is destroyed. That is all
    ///   that is known then: without the key nothing proves that the bytes are what was sealed.
    /// - Throws: ``ContentProtectionError``: `tampered` when bytes or ids are not those that were sealed, `malformed`
    ///   when the bytes are no sealed content, `unknownKey` when the key service never had the keys, or what it throws.
    public func open(_ sealed: Sealed, binding: SealBinding) throws -> Opened {
        try sealed.bytes.withUnsafeBytes { raw in
            let header = try SealedHeader(reading: raw)
            guard
                let author = try key(of: .member(binding.author), generation: header.authorGeneration),
                let conversation = try key(
                    of: .conversation(binding.conversation), generation: header.conversationGeneration)
            else { return .erased }
            return .opened(try open(raw, header: header, binding: binding, author: author, conversation: conversation))
        }
    }

    private func open(
        _ raw: UnsafeRawBufferPointer, header: SealedHeader, binding: SealBinding, author: CachedKey,
        conversation: CachedKey
    ) throws -> [UInt8] {
        let input = raw.baseAddress.unsafelyUnwrapped
        defer { scratch.cleanse() }
        guard
            try keyWrap.unwrap(
                input + SealedLayout.wrappedKey, count: SealedLayout.outerWrapBytes, with: conversation.secret,
                into: scratch.innerWrap),
            try keyWrap.unwrap(
                scratch.innerWrap, count: SealedLayout.innerWrapBytes, with: author.secret, into: scratch.contentKey)
        else { throw ContentSealer.tampered(binding, "its wrapped key") }
        binding.writeAuthenticatedData(header: header, into: scratch.authenticated)
        return try [UInt8](unsafeUninitializedCapacity: raw.count - SealedHeader.overheadBytes + 1) { buffer, count in
            let isIntact = try cipher.open(
                UnsafeRawBufferPointer(rebasing: raw[SealedLayout.ciphertext...]), key: scratch.contentKey,
                nonce: input + SealedLayout.nonce, authenticating: scratch.authenticatedBytes,
                into: UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped))
            guard isIntact else { throw ContentSealer.tampered(binding, "its content") }
            count = raw.count - SealedHeader.overheadBytes
        }
    }

    private static func tampered(_ binding: SealBinding, _ what: String) -> ContentProtectionError {
        let kind = binding.kind == .body ? "content" : "a title"
        return ContentProtectionError(
            .tampered,
            "\(kind) of command \(binding.command) in conversation \(binding.conversation) is not what was sealed: "
                + "\(what) fails its check; the log or view is damaged, or was changed by somebody without the keys")
    }
}

@available(*, unavailable, message: "a sealer belongs to one thread at a time; share the key service instead")
extension ContentSealer: Sendable {}

/// What opening found.
public enum Opened: Sendable, Equatable {
    case opened([UInt8])
    /// A key it needs was destroyed; nobody can open it any more.
    case erased
}

/// The places a sealer works in, so that no call allocates for it.
private final class Scratch {
    private let memory: UnsafeMutableRawPointer
    let authenticated: UnsafeMutableRawPointer
    let innerWrap: UnsafeMutableRawPointer
    let contentKey: UnsafeMutableRawPointer
    private static let secretBytes = SealedLayout.innerWrapBytes + SecretKey.byteCount
    private static let byteCount = secretBytes + SealBinding.authenticatedDataBytes

    init() {
        memory = .allocate(byteCount: Scratch.byteCount, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Scratch.byteCount)
        innerWrap = memory
        contentKey = memory + SealedLayout.innerWrapBytes
        authenticated = memory + Scratch.secretBytes
    }

    deinit {
        cleanse()
        memory.deallocate()
    }

    var authenticatedBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: authenticated, count: SealBinding.authenticatedDataBytes)
    }

    func cleanse() { OPENSSL_cleanse(memory, Scratch.secretBytes) }
}
