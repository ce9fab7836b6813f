import ContentProtection
import Messaging
import MessagingService
import Synchronization

/// Keys that live and end with the process.
final class MemoryKeys: KeyService {
    private let keys = Mutex<[KeyOwner: SecretKey]>([:])
    /// How often new keys were asked for.
    private let calls = Atomic<Int>(0)

    var batches: Int { calls.load(ordering: .relaxed) }
    var owners: Set<KeyOwner> { keys.withLock { Set($0.keys) } }

    func currentKeys(of owners: [KeyOwner]) throws -> [CurrentKey] {
        calls.wrappingAdd(1, ordering: .relaxed)
        return try keys.withLock { keys in
            try owners.map { owner in
                let key = try keys[owner] ?? SecretKey.random()
                keys[owner] = key
                return CurrentKey(generation: 1, key: key)
            }
        }
    }

    func key(of owner: KeyOwner, generation: KeyGeneration) throws -> KeyLookup {
        keys.withLock { $0[owner].map { .key($0) } ?? .unknown }
    }

    func destroyKeys(of owners: [KeyOwner]) throws -> Int { 0 }
    func destructionMark() throws -> UInt64 { 0 }
}

/// Knows one conversation.
struct OneLastOrd: LastOrdSource {
    let conversation: ConversationID
    let ord: Int64

    func lastOrd(of conversation: ConversationID) throws -> Int64? { conversation == self.conversation ? ord : nil }
}

/// Ids that tests tell apart by a number.
enum Numbered {
    static func member(_ number: UInt64) -> MemberID { MemberID(Identifier(high: 1, low: number)) }
    static func conversation(_ number: UInt64) -> ConversationID { ConversationID(Identifier(high: 2, low: number)) }
    static func message(_ number: UInt64) -> MessageID { MessageID(Identifier(high: 3, low: number)) }
    static func command(_ number: UInt64) -> CommandID { CommandID(Identifier(high: 4, low: number)) }
}
