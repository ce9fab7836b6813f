import Messaging
public import PersonalMetadata
public import Wire

/// A conversation as its member sees it listed.
public struct MailboxRow: Sendable, Equatable {
    public var entry: MailboxEntry
    /// UTF-8; `nil` when there is none, it is erased, or the shared view does not have it yet.
    public var title: [UInt8]?

    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("conversation", entry.conversation)
        writer.field("kind", word: entry.kind == .direct ? "direct" : "group")
        writer.field("with", entry.other)
        writer.field("title", text: title)
        writer.field("lastActivity", entry.row.activity)
        entry.writeUnread(to: &writer)
        writer.field("muted", entry.row.isMuted)
        writer.field("archived", entry.row.isArchived)
        writer.field("closed", entry.isClosed)
        writer.field("history", word: entry.history.word)
        writer.field("participantCount", Int64(entry.participantCount))
        writer.field("left", entry.row.left)
        writer.endObject()
    }
}

extension MailboxEntry {
    fileprivate func writeUnread(to writer: inout JSONWriter) {
        writer.field("unread", Int64(unread.count))
        writer.field("unreadCapped", unread.isCapped)
        writer.field("markedUnread", row.isMarkedUnread)
    }

    /// Writes it as a line of the list of what is unread.
    public func writeUnreadLine(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("conversation", conversation)
        writeUnread(to: &writer)
        writer.endObject()
    }
}

/// A page of a mailbox with the badge.
public struct MailboxPage: Sendable {
    public var rows: [MailboxRow]
    public var badge: Int
    public var next: PageToken?
}

extension ReadPath.Answer where Value == MailboxPage {
    /// Writes it as an object, as the interface says.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("conversations")
        writer.beginArray()
        for row in value.rows { row.write(to: &writer) }
        writer.endArray()
        writer.field("badge", Int64(value.badge))
        writer.field("next", value.next)
        writer.field("token", token)
        writer.endObject()
    }
}

extension History {
    var word: StaticString {
        switch self {
        case .fromJoin: "fromJoin"
        case .all: "all"
        }
    }
}
