public import Messaging

/// Whose key it is: content is sealed under its author's and its conversation's, so that destroying either erases it.
@frozen
public struct KeyOwner: Hashable, Sendable {
    /// The numbers are part of the key store's format.
    @frozen
    public enum Kind: UInt8, Sendable {
        case member = 1
        case conversation = 2
    }

    public var kind: Kind
    public var id: Identifier

    @inlinable
    public init(kind: Kind, id: Identifier) {
        self.kind = kind
        self.id = id
    }

    @inlinable
    public static func member(_ member: MemberID) -> KeyOwner { KeyOwner(kind: .member, id: member.value) }

    @inlinable
    public static func conversation(_ conversation: ConversationID) -> KeyOwner {
        KeyOwner(kind: .conversation, id: conversation.value)
    }
}

extension KeyOwner: CustomStringConvertible {
    public var description: String { "\(kind) \(id)" }
}

/// Which of an owner's keys, one after the other: 1 is the first, and the next is made after a destruction. Never 0.
public typealias KeyGeneration = UInt32
