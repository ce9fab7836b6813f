import Messaging
import PersonalMetadata
import SharedContent

/// What a present or former participant may see of a conversation (rules 13 and 14), and what is the member's own of it.
struct Sight {
    let key: ConversationMember
    let row: ConversationRow
    let kind: ConversationKind
    /// Spans of ords, oldest first: of messages in them the member sees the present state.
    let spans: [Range<Int64>]
    /// Up to where the member has read.
    let readUpTo: Int64

    func sees(_ ord: Int64) -> Bool { spans.contains { $0.contains(ord) } }
}

extension ReadPath {
    /// - Returns: `nil` when the conversation is not there or the member never was a participant.
    func sight(of id: ConversationID, _ member: MemberID) throws -> Sight? {
        let key = ConversationMember(id, member)
        guard let row = try shared.conversation(id), let kind = row.kind else { return nil }
        let intervals = try shared.intervals(of: key)
        guard let last = intervals.last else { return nil }
        let spans: [Range<Int64>] =
            switch row.history {
            case .fromJoin: intervals.map { $0.joined..<($0.left ?? .max) }
            case .all: [0..<(last.left ?? .max)]
            }
        return Sight(key: key, row: row, kind: kind, spans: spans, readUpTo: try personal.row(of: key)?.readUpTo ?? 0)
    }

    /// Messages as the member sees them, in the order given.
    func answers(_ messages: [SharedMessage], _ sight: Sight) throws -> [MessageAnswer] {
        let marks = try personal.marks(of: sight.key, messages: messages.map(\.key.message))
        return try zip(messages, marks).map { message, mark in
            var shown = message
            shown.content = nil
            return MessageAnswer(
                message: shown, state: try state(of: message, mark), isStarred: mark.isStarred,
                isRead: message.sender == sight.key.member || mark.readFlag ?? (message.ord <= sight.readUpTo))
        }
    }

    func state(of message: SharedMessage, _ mark: PersonalMessageRow) throws -> MessageAnswer.State {
        guard message.tombstone == nil, !mark.isHidden else {
            if try content.isErased(message) { return .erased }
            return message.tombstone != nil ? .deleted : .hidden
        }
        guard let sealed = message.content, let version = message.current else {
            throw ReadError(
                .damaged,
                "message \(message.key.message) of conversation \(message.key.conversation) is neither deleted nor has "
                    + "content: the shared view is damaged; rebuild it from the log")
        }
        return try content.body(sealed, version: version, of: message).map { .live($0) } ?? .erased
    }
}
