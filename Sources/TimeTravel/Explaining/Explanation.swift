public import EventLog
public import Messaging
public import Wire

/// What is to be explained.
public enum ExplainedSubject: Sendable, Equatable {
    /// A message as everybody has it, or as one member sees it.
    case message(ConversationMessage, as: MemberID?)
    case conversation(ConversationID)
    /// What a member has unread in a conversation.
    case unread(ConversationID, as: MemberID)
    /// A conversation as it stands in a member's mailbox.
    case mailbox(ConversationID, as: MemberID)
    /// What became of a command; a personal one is its member's.
    case command(ConversationID, CommandID, as: MemberID?)

    var conversation: ConversationID {
        switch self {
        case .message(let key, _): key.conversation
        case .conversation(let id), .unread(let id, _), .mailbox(let id, _), .command(let id, _, _): id
        }
    }

    var member: MemberID? {
        switch self {
        case .message(_, let member), .command(_, _, let member): member
        case .conversation: nil
        case .unread(_, let member), .mailbox(_, let member): member
        }
    }
}

/// A record that made something what it is, or was refused.
public struct Cause: Sendable, Equatable {
    public var position: Position
    /// Microseconds since 1970 by the log's clock.
    public var appendTime: Int64
    /// `nil`, as the next ones, of a record that cannot be decoded.
    public var actor: MemberID?
    public var id: CommandID?
    /// Its name as in its JSON form.
    public var command: String?
    public var origin: Origin?
    /// `accepted`, `duplicate`, `orphaned` (it still waits), `rejected` or `parked`.
    public var outcome: String
    /// Why it was rejected or parked; of a legacy copy, which is a duplicate of others, that it disagrees with them.
    public var reason: String?
}

/// One field of what is explained.
public struct ExplainedField: Sendable, Equatable {
    /// As in the answers of the read path; of lists a field an element, `participants.MEMBER.1.joined`.
    public var name: String
    /// As it is after the last of the causes; `nil` when it is not shown, because it is sealed or somebody's words.
    public var value: JSONValue?
    /// What made it so, in the order in which it happened: mostly one record, two when the first waited for the second. Of
    /// a count all that changed it since it was last nothing.
    public var causes: [Cause]
    /// How many of the causes are left out, behind the first.
    public var omitted: Int

    /// Writes it as an object of its own.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("field")
        writer.string(name)
        writer.key("value")
        if let value { value.write(to: &writer) } else { writer.string("-") }
        writer.key("causes")
        writer.beginArray()
        for cause in causes { cause.write(to: &writer) }
        writer.endArray()
        writer.key("omitted")
        writer.int(omitted)
        writer.endObject()
    }
}

extension Cause {
    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("position")
        writer.string("\(position)")
        writer.key("appendTime")
        writer.int(appendTime)
        writer.key("actor")
        if let actor { writer.id(actor) } else { writer.null() }
        writer.key("id")
        if let id { writer.id(id) } else { writer.null() }
        writer.key("command")
        if let command { writer.string(command) } else { writer.null() }
        writer.key("origin")
        if let origin { writer.string(origin == .native ? "native" : "legacy") } else { writer.null() }
        writer.key("outcome")
        writer.string(outcome)
        writer.key("reason")
        if let reason { writer.string(reason) } else { writer.null() }
        writer.endObject()
    }
}
