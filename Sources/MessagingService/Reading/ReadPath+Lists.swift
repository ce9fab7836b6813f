import EventLog
public import Messaging
import PersonalMetadata
public import SharedContent

extension ReadPath {
    /// Starred messages that are live, newest first.
    /// - Throws: `ReadError`, `ProjectionError`, `ContentProtectionError`.
    public func stars(
        of member: MemberID, after token: PageToken?, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<ListPage<MessageAnswer>> {
        let place = try PageToken.place(token, "these stars") { place in
            if case .stars(let place) = place { place } else { nil }
        }
        return try answer(scopes.sharedConversations + scopes.personal(member), atLeast) {
            var sights: [ConversationID: Sight?] = [:]
            var found: [MessageAnswer] = []
            var place = place
            while found.count <= limit {
                let stars = try personal.stars(of: member, after: place, limit: limit + 1)
                for star in stars where found.count <= limit {
                    if let answer = try answer(star.target, member, &sights) { found.append(answer) }
                }
                guard stars.count > limit, let last = stars.last else { break }
                place = last
            }
            return ListPage(found, limit: limit) { .stars(StarPlace(ord: $0.message.ord, target: $0.message.key)) }
        }
    }

    /// A starred message, when it is there, visible and live.
    private func answer(
        _ key: ConversationMessage, _ member: MemberID, _ sights: inout [ConversationID: Sight?]
    ) throws -> MessageAnswer? {
        let sight: Sight?
        if let known = sights[key.conversation] {
            sight = known
        } else {
            sight = try self.sight(of: key.conversation, member)
            sights[key.conversation] = .some(sight)
        }
        guard let sight, let message = try shared.message(key), sight.sees(message.ord) else { return nil }
        let answer = try answers([message], sight)[0]
        return answer.state.isLive ? answer : nil
    }

    /// How many of the replicator's commands met another one of their version.
    /// - Throws: `ProjectionError`.
    public func legacyVersionConflicts() throws -> Int64 {
        try answer(scopes.sharedConversations, nil) { try shared.legacyVersionConflicts() }.value
    }

    /// What the fold refused, by position.
    /// - Parameter actor: whose; `nil` for everybody's, which is the operator's to ask.
    public func rejections(
        of actor: MemberID?, after token: PageToken?, limit: Int, atLeast: AtLeast? = nil
    ) throws -> Answer<ListPage<RejectionEntry>> {
        let position = try PageToken.place(token, "these rejections") { place in
            if case .rejections(let partition, let offset) = place {
                Position(TopicPartition(.conversationCommands, partition), offset)
            } else {
                nil
            }
        }
        return try answer(scopes.sharedConversations, atLeast) {
            let entries = try shared.rejections(of: actor, after: position, limit: limit + 1)
            return ListPage(entries, limit: limit) {
                .rejections(partition: $0.position.partition.partition, offset: $0.position.offset)
            }
        }
    }
}
