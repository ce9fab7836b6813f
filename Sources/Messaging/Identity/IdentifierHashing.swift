/// Hashing of identifiers and their pairs for sets and dictionaries, which the folds do more than anything else: one
/// multiplication for 16 bytes where the standard hasher takes many rounds (wyhash by Wang Yi, public domain).
///
/// Ids come from outside, so secrets that differ in every process go in: nobody can choose ids that collide.
enum IdentifierHash {
    private static let secret = (UInt64.random(in: 0 ... .max) | 1, UInt64.random(in: 0 ... .max) | 1)

    @inline(__always)
    static func mix(_ id: Identifier, _ seed: Int) -> Int {
        let secret = secret
        let product = (id.high ^ secret.0 ^ UInt64(bitPattern: Int64(seed))).multipliedFullWidth(by: id.low ^ secret.1)
        return Int(truncatingIfNeeded: product.high ^ product.low ^ id.high)
    }

    @inline(__always)
    static func mix(_ one: Identifier, _ other: Identifier, _ seed: Int) -> Int { mix(other, mix(one, seed)) }
}

extension Identifier {
    public func _rawHashValue(seed: Int) -> Int { IdentifierHash.mix(self, seed) }
}

extension ID {
    public func _rawHashValue(seed: Int) -> Int { IdentifierHash.mix(value, seed) }
}

extension ConversationMember {
    public func _rawHashValue(seed: Int) -> Int { IdentifierHash.mix(conversation.value, member.value, seed) }
}

extension ConversationMessage {
    public func _rawHashValue(seed: Int) -> Int { IdentifierHash.mix(conversation.value, message.value, seed) }
}

extension ConversationCommand {
    public func _rawHashValue(seed: Int) -> Int { IdentifierHash.mix(conversation.value, command.value, seed) }
}

extension MemberCommand {
    public func _rawHashValue(seed: Int) -> Int { IdentifierHash.mix(member.value, command.value, seed) }
}
