import EventLog
public import Messaging
public import PersonalMetadata
public import SharedContent
public import Wire

/// What there is to know of a conversation beside its messages.
public struct ConversationAnswer: Sendable, Equatable {
    public var conversation: ConversationID
    public var kind: ConversationKind
    /// UTF-8; `nil` when there is none or it is erased.
    public var title: [UInt8]?
    public var isClosed: Bool
    public var history: History
    /// The first of them, an entry an interval.
    public var participants: [ParticipantEntry]

    fileprivate func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeFields(to: &writer)
        writer.key("participants")
        writer.beginArray()
        for participant in participants { participant.write(to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("conversation", conversation)
        writer.field("kind", word: kind == .direct ? "direct" : "group")
        writer.field("title", text: title)
        writer.field("closed", isClosed)
        writer.field("history", word: history.word)
    }
}

/// A conversation as an operator may know it, but for its participants.
public struct OperatorConversation: Sendable, Equatable {
    public var answer: ConversationAnswer
    /// Participants now.
    public var participantCount: Int32
    /// The greatest ord of an accepted send; 0 when there is none.
    public var lastSend: Int64

    /// Writes it as an object.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        answer.writeFields(to: &writer)
        writer.field("participantCount", Int64(participantCount))
        writer.field("lastSend", lastSend == 0 ? nil : lastSend)
        writer.endObject()
    }
}

extension ParticipantEntry {
    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("member", member)
        writer.field("joined", interval.joined)
        writer.field("left", interval.left)
        writer.field("moderator", interval.isModerator)
        writer.endObject()
    }
}

/// A page of a conversation, oldest message first.
public struct ConversationPage: Sendable {
    public var conversation: ConversationAnswer
    public var messages: [MessageAnswer]
    /// Where the page before this one ends; `nil` at the start.
    public var previous: PageToken?
    /// Where the page after this one begins; also at the end, to ask for what comes.
    public var next: PageToken?
}

extension ReadPath.Answer where Value == ConversationPage {
    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("conversation")
        value.conversation.write(to: &writer)
        writer.key("messages")
        writer.beginArray()
        for message in value.messages { message.write(to: &writer) }
        writer.endArray()
        writer.field("previous", value.previous)
        writer.field("next", value.next)
        writer.field("token", token)
        writer.endObject()
    }
}

/// A page of a list printed as JSON Lines.
public struct ListPage<Item: Sendable>: Sendable {
    public var items: [Item]
    public var next: PageToken?
}

extension Receipt {
    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("member", member)
        writer.field("readUpTo", readUpTo)
        writer.endObject()
    }
}

extension RejectionEntry {
    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("position", text: Array(position.description.utf8))
        writer.field("id", id)
        writer.field("actor", actor)
        writer.field("command", text: Array(command.utf8))
        writer.field("conversation", conversation)
        writer.field("reason", text: Array(reason.name.utf8))
        writer.field("ord", ord)
        writer.endObject()
    }
}
