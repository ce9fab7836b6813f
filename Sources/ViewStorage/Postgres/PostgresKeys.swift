public import Messaging
public import Postgres

/// Keys of rows as columns of arrays, for `unnest`; each once and in the order in which tables are clustered.
public struct PostgresKeys {
    public let arrays: [PostgresArray]
    public var count: Int { arrays[0].count }

    public init(_ ids: some Sequence<ConversationID>) { self.init(one: sorted(ids)) }
    public init(_ ids: some Sequence<MemberID>) { self.init(one: sorted(ids)) }

    public init(_ keys: some Sequence<ConversationMember>) {
        self.init(two: sorted(keys)) { ($0.conversation.value, $0.member.value) }
    }

    public init(_ keys: some Sequence<ConversationMessage>) {
        self.init(two: sorted(keys)) { ($0.conversation.value, $0.message.value) }
    }

    public init(_ keys: some Sequence<ConversationCommand>) {
        self.init(two: sorted(keys)) { ($0.conversation.value, $0.command.value) }
    }

    private init<Kind>(one ids: [ID<Kind>]) {
        let column = PostgresArray(.uuid)
        for id in ids { column.append(id) }
        arrays = [column]
    }

    /// - Parameter keys: each once.
    public init<Key>(two keys: [Key], _ parts: (Key) -> (Identifier, Identifier)) {
        let (first, second) = (PostgresArray(.uuid), PostgresArray(.uuid))
        for key in keys {
            let (one, other) = parts(key)
            first.append(high: one.high, low: one.low)
            second.append(high: other.high, low: other.low)
        }
        arrays = [first, second]
    }
}
