public import Messaging

/// What sealed content belongs to. The ids are authenticated with it, so that it opens nowhere else.
@frozen
public struct SealBinding: Sendable, Hashable {
    /// The numbers are part of the format.
    @frozen
    public enum Kind: UInt8, Sendable {
        /// The content of a message, of its original or of an edit.
        case body = 1
        /// The title of a conversation.
        case title = 2
    }

    public var kind: Kind
    public var conversation: ConversationID
    /// The message; `nil` for a title, which belongs to no message.
    public var message: MessageID?
    /// Who wrote it: the actor of the command.
    public var author: MemberID
    /// The command it came with.
    public var command: CommandID

    /// The binding of a message's content, original or edited.
    @inlinable
    public static func body(
        conversation: ConversationID, message: MessageID, author: MemberID, command: CommandID
    ) -> SealBinding {
        SealBinding(kind: .body, conversation: conversation, message: message, author: author, command: command)
    }

    /// The binding of a conversation's title.
    @inlinable
    public static func title(conversation: ConversationID, author: MemberID, command: CommandID) -> SealBinding {
        SealBinding(kind: .title, conversation: conversation, message: nil, author: author, command: command)
    }

    @usableFromInline
    init(kind: Kind, conversation: ConversationID, message: MessageID?, author: MemberID, command: CommandID) {
        self.kind = kind
        self.conversation = conversation
        self.message = message
        self.author = author
        self.command = command
    }
}

extension SealBinding {
    /// Bytes that ``writeAuthenticatedData(header:into:)`` writes.
    static let authenticatedDataBytes = 87
    private static let domain: StaticString = "parley-sealed"

    /// Writes what AES-GCM authenticates beside the content, as Schemas/SEALED.md says.
    /// - Precondition: `output` has room for 87 bytes.
    func writeAuthenticatedData(header: SealedHeader, into output: UnsafeMutableRawPointer) {
        output.copyMemory(from: SealBinding.domain.utf8Start, byteCount: 13)
        output.storeBytes(of: SealedHeader.version, toByteOffset: 13, as: UInt8.self)
        output.storeBytes(of: kind.rawValue, toByteOffset: 14, as: UInt8.self)
        output.store(conversation.value, at: 15)
        output.store(message?.value ?? Identifier(high: 0, low: 0), at: 31)
        output.store(author.value, at: 47)
        output.store(command.value, at: 63)
        output.storeBytes(of: header.authorGeneration.bigEndian, toByteOffset: 79, as: UInt32.self)
        output.storeBytes(of: header.conversationGeneration.bigEndian, toByteOffset: 83, as: UInt32.self)
    }
}

extension UnsafeMutableRawPointer {
    /// Writes the 16 bytes in network order.
    @inline(__always)
    fileprivate func store(_ identifier: Identifier, at offset: Int) {
        storeBytes(of: identifier.high.bigEndian, toByteOffset: offset, as: UInt64.self)
        storeBytes(of: identifier.low.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
    }
}
