public import ContentProtection
import Messaging
import SharedContent
import ViewStorage

/// Opens what the views hold sealed. Keys are opened when the first sealed thing is met, so that reads without any need
/// none.
public final class ContentOpener {
    /// `nil`: nothing is opened.
    private let openKeys: (() throws -> any KeyService)?
    private var sealer: ContentSealer?

    /// - Parameter openKeys: opens the key service; called at most once.
    public init(openKeys: @escaping () throws -> any KeyService) { self.openKeys = openKeys }

    /// For whoever tells contents apart and does not read them: in place of a text or a content stands a fingerprint of
    /// the sealed bytes as a JSON string, and nothing counts as erased. Needs no keys.
    public init() { openKeys = nil }

    /// Forgets what was erased meanwhile; before every read.
    func begin() throws { try sealer?.beginBatch() }

    /// - Returns: `nil` when nothing is opened.
    private func ready() throws -> ContentSealer? {
        if let sealer { return sealer }
        guard let openKeys else { return nil }
        let made = try ContentSealer(keys: try openKeys())
        sealer = made
        return made
    }

    /// - Returns: a title's text; `nil` when it is erased, or empty, as a legacy thread without a subject has it.
    func title(_ title: Title, of id: ConversationID) throws -> [UInt8]? {
        let text = try open(title.sealed, .title(conversation: id, author: title.author, command: title.command))
        return text?.isEmpty ?? true ? nil : text
    }

    /// - Returns: the canonical JSON of a version of the message; `nil` when it is erased.
    func body(_ sealed: Sealed, version: CommandID, of message: SharedMessage) throws -> [UInt8]? {
        try open(
            sealed,
            .body(
                conversation: message.key.conversation, message: message.key.message, author: message.sender,
                command: version))
    }

    private func open(_ sealed: Sealed, _ binding: SealBinding) throws -> [UInt8]? {
        guard let sealer = try ready() else { return Self.fingerprint(sealed) }
        return switch try sealer.open(sealed, binding: binding) {
        case .opened(let bytes): bytes
        case .erased: nil
        }
    }

    /// Whether the version in force, or the last one of a deleted message, can no longer be opened by anybody.
    func isErased(_ message: SharedMessage) throws -> Bool {
        try ready()?.isErased(
            SealedHeader(
                authorGeneration: KeyGeneration(truncatingIfNeeded: message.keyGenerations >> 32),
                conversationGeneration: KeyGeneration(truncatingIfNeeded: message.keyGenerations)),
            author: message.sender, conversation: message.key.conversation) ?? false
    }

    private static func fingerprint(_ sealed: Sealed) -> [UInt8] {
        var hash = RowHash(seed: 0)
        sealed.bytes.withUnsafeBytes { hash.add($0) }
        return Array("\"\(hash.digest.text)\"".utf8)
    }
}
