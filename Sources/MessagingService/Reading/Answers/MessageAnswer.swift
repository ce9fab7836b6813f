public import Messaging
public import SharedContent
public import Wire

/// A message as one member sees it.
public struct MessageAnswer: Sendable, Equatable {
    /// The first that holds.
    public enum State: Sendable, Equatable {
        /// Keys of its content were destroyed.
        case erased
        case deleted
        /// By this member, for this member.
        case hidden
        /// With the canonical JSON of its content.
        case live([UInt8])
    }

    /// Its sealed content is not shown.
    public var message: SharedMessage
    public var state: State
    public var isStarred: Bool
    public var isRead: Bool

    /// The current version is not the original.
    public var isEdited: Bool { message.current.map { $0 != message.original } ?? false }

    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeFields(to: &writer)
        writer.endObject()
    }

    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("conversation", message.key.conversation)
        writer.field("message", message.key.message)
        writer.field("ord", message.ord)
        writer.field("sender", message.sender)
        writer.field("sentAt", text: message.sentAt)
        writer.field("state", word: state.word)
        writer.key("content")
        if case .live(let json) = state { writer.raw(json) } else { writer.null() }
        writer.field("version", message.current)
        writer.field("edited", isEdited)
        writer.field("replyTo", message.replyTo)
        writeReactions(to: &writer)
        writer.field("starred", isStarred)
        writer.field("read", isRead)
        writer.field("deletedBy", message.tombstone?.by)
        writer.field("deletedAt", message.tombstone?.ord)
        writer.field("deleteReason", text: message.tombstone?.reason)
    }

    /// They come by reaction and member, so those of one kind stand together.
    private func writeReactions(to writer: inout JSONWriter) {
        writer.key("reactions")
        writer.beginArray()
        var kind: [UInt8]?
        for reaction in message.reactions {
            if reaction.reaction != kind {
                if kind != nil { writer.endReaction() }
                kind = reaction.reaction
                writer.beginObject()
                writer.field("reaction", text: kind)
                writer.key("members")
                writer.beginArray()
            }
            writer.id(reaction.member)
        }
        if kind != nil { writer.endReaction() }
        writer.endArray()
    }
}

extension JSONWriter {
    fileprivate mutating func endReaction() {
        endArray()
        endObject()
    }
}

extension MessageAnswer.State {
    var word: StaticString {
        switch self {
        case .erased: "erased"
        case .deleted: "deleted"
        case .hidden: "hidden"
        case .live: "live"
        }
    }

    var isLive: Bool { if case .live = self { true } else { false } }
}

/// A message with its history.
public struct MessageWithVersions: Sendable, Equatable {
    /// One version that was not withdrawn.
    public struct Version: Sendable, Equatable {
        /// The command that made it.
        public var id: CommandID
        public var ord: Int64
        /// Canonical JSON; `nil` when erased.
        public var content: [UInt8]?
    }

    public var answer: MessageAnswer
    /// Oldest first; none unless the message is live.
    public var versions: [Version]

    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        answer.writeFields(to: &writer)
        writer.key("versions")
        writer.beginArray()
        for version in versions {
            writer.beginObject()
            writer.field("id", version.id)
            writer.field("ord", version.ord)
            writer.key("content")
            if let content = version.content { writer.raw(content) } else { writer.null() }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }
}
