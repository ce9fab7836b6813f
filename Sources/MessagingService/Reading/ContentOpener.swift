public import ContentProtection
import Messaging
import SharedContent

/// Opens what the views hold sealed. Keys are opened when the first sealed thing is met, so that reads without any need
/// none.
public final class ContentOpener {
    private let openKeys: () throws -> any KeyService
    private var sealer: ContentSealer?

    /// - Parameter openKeys: opens the key service; called at most once.
    public init(openKeys: @escaping () throws -> any KeyService) { self.openKeys = openKeys }

    /// Forgets what was erased meanwhile; before every read.
    func begin() throws { try sealer?.beginBatch() }

    private func ready() throws -> ContentSealer {
        if let sealer { return sealer }
        let made = try ContentSealer(keys: try openKeys())
        sealer = made
        return made
    }

    /// - Returns: a title's text; `nil` when it is erased.
    func title(_ title: Title, of id: ConversationID) throws -> [UInt8]? {
        try open(title.sealed, .title(conversation: id, author: title.author, command: title.command))
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
        switch try ready().open(sealed, binding: binding) {
        case .opened(let bytes): bytes
        case .erased: nil
        }
    }

    /// Whether the version in force, or the last one of a deleted message, can no longer be opened by anybody.
    func isErased(_ message: SharedMessage) throws -> Bool {
        try ready().isErased(
            SealedHeader(
                authorGeneration: KeyGeneration(truncatingIfNeeded: message.keyGenerations >> 32),
                conversationGeneration: KeyGeneration(truncatingIfNeeded: message.keyGenerations)),
            author: message.sender, conversation: message.key.conversation)
    }
}
