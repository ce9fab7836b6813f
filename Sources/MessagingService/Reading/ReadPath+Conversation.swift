public import Messaging
public import PersonalMetadata
public import SharedContent

/// Reads of one conversation. They answer `nil` when it is not there, and when the member never was a participant: one
/// answer for both.
extension ReadPath {
    /// Participants shown with a page.
    public static let participantsShown = 100

    /// Which page of a conversation.
    public enum PageOfMessages: Sendable {
        case newest
        case before(PageToken)
        case after(PageToken)
    }

    /// A page of messages, oldest first, with what there is to know of the conversation.
    /// - Parameter limit: messages at most, at least 1.
    /// - Throws: `ReadError`, `ProjectionError`, `ContentProtectionError`.
    public func conversation(
        _ id: ConversationID, as member: MemberID, _ page: PageOfMessages, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<ConversationPage?> {
        let (token, forward): (PageToken?, Bool) =
            switch page {
            case .newest: (nil, false)
            case .before(let token): (token, false)
            case .after(let token): (token, true)
            }
        let place = try PageToken.place(token, "this conversation") { place in
            if case .messages(let place) = place { place } else { nil }
        }
        return try answer(scopes.shared(id) + scopes.personal(id, member), atLeast) {
            guard let sight = try sight(of: id, member) else { return nil }
            let (messages, previous, next) = try self.page(sight, from: place, forward: forward, limit: limit)
            return ConversationPage(
                conversation: try conversationAnswer(sight), messages: try answers(messages, sight),
                previous: previous.map { PageToken(.messages($0)) }, next: PageToken(.messages(next)))
        }
    }

    /// One message with its versions; `nil` also when the member may not see it.
    public func message(
        _ key: ConversationMessage, as member: MemberID, atLeast: AtLeast? = nil
    ) throws -> Answer<MessageWithVersions?> {
        try answer(scopes.shared(key.conversation) + scopes.personal(key.conversation, member), atLeast) {
            guard let sight = try sight(of: key.conversation, member), let message = try shared.message(key),
                sight.sees(message.ord)
            else { return nil }
            let answer = try answers([message], sight)[0]
            let versions = answer.state.isLive ? try shared.versions(of: message) : []
            return MessageWithVersions(
                answer: answer,
                versions: try versions.map { try self.version($0, of: message) })
        }
    }

    func version(_ version: SharedVersion, of message: SharedMessage) throws -> MessageWithVersions.Version {
        MessageWithVersions.Version(
            id: version.id, ord: version.ord,
            content: try version.content.flatMap { try content.body($0, version: version.id, of: message) })
    }

    /// All intervals of all participants, in order of joining, then member id.
    public func participants(
        of id: ConversationID, as member: MemberID, after token: PageToken?, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<ListPage<ParticipantEntry>?> {
        let place = try PageToken.place(token, "these participants") { place in
            if case .participants(let place) = place { place } else { nil }
        }
        return try answer(scopes.shared(id), atLeast) {
            guard try !shared.intervals(of: ConversationMember(id, member)).isEmpty else { return nil }
            let entries = try shared.participants(of: id, after: place, limit: limit + 1)
            return ListPage(entries, limit: limit) {
                .participants(ParticipantPlace(joined: $0.interval.joined, member: $0.member))
            }
        }
    }

    /// How far each present participant has read in public, by member id.
    public func receipts(
        of id: ConversationID, as member: MemberID, after token: PageToken?, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<ListPage<Receipt>?> {
        let place = try PageToken.place(token, "these receipts") { place in
            if case .receipts(let member) = place { member } else { nil }
        }
        return try answer(scopes.receipts(id), atLeast) {
            guard try personal.row(of: ConversationMember(id, member)) != nil else { return nil }
            let receipts = try personal.receipts(of: id, after: place, limit: limit + 1)
            return ListPage(receipts, limit: limit) { .receipts($0.member) }
        }
    }

    private func conversationAnswer(_ sight: Sight) throws -> ConversationAnswer {
        let id = sight.key.conversation
        return ConversationAnswer(
            conversation: id, kind: sight.kind, title: try sight.row.title.flatMap { try content.title($0, of: id) },
            isClosed: sight.row.isClosed, history: sight.row.history,
            participants: try shared.participants(of: id, after: nil, limit: Self.participantsShown))
    }

    /// - Returns: the page in order, and the places that bound it: before which there is more, behind which there may be.
    private func page(
        _ sight: Sight, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> ([SharedMessage], previous: MessagePlace?, next: MessagePlace) {
        let start = MessagePlace(ord: 0, message: MessageID(Identifier(high: 0, low: 0)))
        if forward {
            let messages = try visible(sight, from: place, forward: true, limit: limit)
            // An empty page lies behind everything up to its own place.
            let first = messages.first?.place ?? place.map { MessagePlace(ord: $0.ord + 1, message: start.message) }
            let hasOlder = try !visible(sight, from: first, forward: false, limit: 1).isEmpty
            return (messages, hasOlder ? first : nil, messages.last?.place ?? place ?? start)
        }
        var messages = try visible(sight, from: place, forward: false, limit: limit + 1)
        let hasOlder = messages.count > limit
        if hasOlder { messages.removeLast() }
        messages.reverse()
        return (messages, hasOlder ? messages.first?.place : nil, messages.last?.place ?? start)
    }

    /// Messages the member may see, nearest to `place` first.
    func visible(
        _ sight: Sight, from place: MessagePlace?, forward: Bool, limit: Int
    ) throws -> [SharedMessage] {
        var messages: [SharedMessage] = []
        for span in forward ? sight.spans : sight.spans.reversed() {
            guard messages.count < limit else { break }
            if let place, forward ? span.upperBound <= place.ord : span.lowerBound > place.ord { continue }
            messages += try shared.messages(
                of: sight.key.conversation, in: span, from: place, forward: forward, limit: limit - messages.count)
        }
        return messages
    }
}
