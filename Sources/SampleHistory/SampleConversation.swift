import Messaging

/// What a history remembers of a conversation, so that later commands are valid in it.
struct SampleConversation {
    /// A message that may still be answered, edited, deleted, read.
    struct Message {
        var id: MessageID
        var sender: Int
        /// Its versions, the current one last.
        var versions: [CommandID]
    }

    static let remembered = 16

    let id: ConversationID
    let isDirect: Bool
    /// Members inside now, as numbers.
    var members: [Int]
    var moderators: [Int]
    var isClosed = false
    /// Nobody joins, leaves or closes it, so that the closing scene finds it as it was.
    var isKept = false
    /// The latest messages that are not deleted, oldest first.
    var messages: [Message] = []

    mutating func remember(_ message: Message) {
        if messages.count == Self.remembered { messages.removeFirst() }
        messages.append(message)
    }
}
