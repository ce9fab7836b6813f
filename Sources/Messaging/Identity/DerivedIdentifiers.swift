extension Identifier {
    /// The default namespace of a deployment; a setting, fixed for the deployment's life.
    public static let defaultNamespace = Identifier(high: 0x9f02_e5ff_bdc0_5c4f, low: 0x98fc_6724_1590_b612)

    /// A UUID of version 5: SHA-1 of the namespace's bytes and the name's (RFC 9562 section 5.5).
    public static func version5(namespace: Identifier, name: [UInt8]) -> Identifier {
        version5(namespace: namespace, StaticString(""), name)
    }

    /// The same of a name in two parts, which need not be put together first.
    public static func version5(namespace: Identifier, _ word: StaticString, _ rest: [UInt8]) -> Identifier {
        var hash = SHA1()
        namespace.withBytes { hash.add($0) }
        word.withUTF8Buffer { hash.add(UnsafeRawBufferPointer($0)) }
        rest.withUnsafeBytes { hash.add($0) }
        return hash.prefix16().stamped(version: 5)
    }

    /// A UUID of version 7: 48 bits of milliseconds since 1970, then 74 random bits (RFC 9562 section 5.7).
    /// - Parameters:
    ///   - milliseconds: since 1970; the low 48 bits are used.
    ///   - random: the caller's 128 random bits, of which 74 are used.
    public static func version7(milliseconds: UInt64, random: Identifier) -> Identifier {
        Identifier(high: milliseconds << 16 | random.high & 0xffff, low: random.low).stamped(version: 7)
    }

    /// A UUID of version 8 (RFC 9562 section 5.8): 48 bits of milliseconds, then a hash of the caller's.
    public static func version8(milliseconds: UInt64, hash: Identifier) -> Identifier {
        Identifier(high: milliseconds << 16 | hash.high & 0xffff, low: hash.low).stamped(version: 8)
    }

    /// The version nibble, 0 to 15.
    public var version: Int { Int(high >> 12 & 0xf) }

    private func stamped(version: UInt64) -> Identifier {
        Identifier(
            high: high & ~0xf000 | version << 12,
            low: low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000)
    }
}

extension ConversationID {
    /// The one conversation of two members: both compute the same id, whoever writes first.
    public static func direct(_ one: MemberID, _ other: MemberID, namespace: Identifier) -> ConversationID {
        let (first, second) = one < other ? (one, other) : (other, one)
        return ConversationID(
            .version5(namespace: namespace, name: Array("direct".utf8) + first.value.bytes + second.value.bytes))
    }

    /// The conversation that a thread of the legacy system becomes.
    public static func legacy(thread: [UInt8], namespace: Identifier) -> ConversationID {
        ConversationID(.version5(namespace: namespace, "thread", thread))
    }
}

extension MessageID {
    /// The message a sender makes with a client token: sending again with the same token is the same message, forever.
    public static func native(conversation: ConversationID, sender: MemberID, clientToken: [UInt8]) -> MessageID {
        MessageID(
            .version5(
                namespace: conversation.value, name: Array("send".utf8) + sender.value.bytes + clientToken))
    }

    /// The message that all copies with this deduplication key in the legacy system are.
    public static func legacy(conversation: ConversationID, deduplicationKey: [UInt8]) -> MessageID {
        MessageID(.version5(namespace: conversation.value, "legacy", deduplicationKey))
    }
}
