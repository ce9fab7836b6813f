public import Messaging

/// Remembers ids that were computed lately: hashing a name costs ten times as much as finding it again.
///
/// The answers are those of ``LegacyIdentifiers``. Threads: one at a time.
public final class LegacyIdentifierCache {
    private let identifiers: LegacyIdentifiers
    private var conversations: [[UInt8]: ConversationID] = [:]
    private var members: [[UInt8]: MemberID] = [:]
    /// Names of each kind; above it all are forgotten.
    private let limit: Int

    public init(_ identifiers: LegacyIdentifiers, limit: Int = 65_536) {
        self.identifiers = identifiers
        self.limit = limit
    }

    public func conversation(thread: [UInt8]) -> ConversationID {
        Self.value(thread, &conversations, limit) { identifiers.conversation(thread: thread) }
    }

    public func member(owner: [UInt8]) -> MemberID {
        Self.value(owner, &members, limit) { identifiers.member(owner: owner) }
    }

    private static func value<Value>(
        _ name: [UInt8], _ known: inout [[UInt8]: Value], _ limit: Int, compute: () -> Value
    ) -> Value {
        if let value = known[name] { return value }
        if known.count >= limit { known.removeAll(keepingCapacity: true) }
        let value = compute()
        known[name] = value
        return value
    }
}
