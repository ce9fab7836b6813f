public import Messaging

/// The ids of DESIGN section 4 for what comes from the legacy system: one implementation, for live replication,
/// bootstrap and back-fill alike.
///
/// Every name is bytes; `Schemas/LEGACY.md` gives them, with vectors.
public struct LegacyIdentifiers: Sendable {
    /// The version of the canonical name bytes of command ids: the first byte of each. It changes only with a new
    /// record format, because other bytes are other ids.
    public static let nameVersion: UInt8 = 1

    /// The deployment's namespace, fixed for its life.
    public let namespace: Identifier

    public init(namespace: Identifier) { self.namespace = namespace }

    /// The conversation that a thread becomes.
    public func conversation(thread: [UInt8]) -> ConversationID { .legacy(thread: thread, namespace: namespace) }

    /// The message that all copies with this key in the thread are.
    public func message(thread: [UInt8], deduplicationKey: [UInt8]) -> MessageID {
        message(in: conversation(thread: thread), deduplicationKey: deduplicationKey)
    }

    /// The same where the thread's conversation is known.
    public func message(in conversation: ConversationID, deduplicationKey: [UInt8]) -> MessageID {
        .legacy(conversation: conversation, deduplicationKey: deduplicationKey)
    }

    /// The member that somebody of the legacy system is: an owner that is UUID text (lower case) is that id, any other
    /// UUIDv5(namespace, "member" + owner), so that no name or address enters the log.
    public func member(owner: [UInt8]) -> MemberID {
        MemberID(text: owner) ?? MemberID(.version5(namespace: namespace, "member", owner))
    }

    /// The id of a command that a legacy write becomes: UUIDv8 of 48 bits of legacy milliseconds and 74 bits of
    /// SHA-1 over the namespace and ``commandName(of:part:)``. The same write always gives the same ids.
    ///
    /// - Parameter part: which of the write's commands, such as `send` or `star`: at most 255 bytes.
    public func command(for write: LegacyWrite, part: StaticString) -> CommandID {
        let hash = Identifier.version5(namespace: namespace, name: Self.commandName(of: write, part: part))
        let milliseconds = max(0, write.sourceVersion) / 1_000
        return CommandID(.version8(milliseconds: UInt64(milliseconds), hash: hash))
    }

    /// The canonical bytes of (legacy row, source version, part): the name's version; `t`, `p` or `c` for the kind of
    /// row; the row's key as fields (thread; thread and owner; thread, owner and copy id), each a big-endian 32-bit
    /// count and that many bytes; the source version as a big-endian 64-bit integer; the part as a field.
    public static func commandName(of write: LegacyWrite, part: StaticString) -> [UInt8] {
        var name: [UInt8] = []
        name.reserveCapacity(192)
        name.append(nameVersion)
        switch write.row {
        case .thread(let row):
            name.append(UInt8(ascii: "t"))
            name.appendField(row.thread)
        case .participant(let row):
            name.append(UInt8(ascii: "p"))
            name.appendField(row.thread)
            name.appendField(row.owner)
        case .copy(let row):
            name.append(UInt8(ascii: "c"))
            name.appendField(row.thread)
            name.appendField(row.owner)
            name.appendField(row.copyID)
        }
        withUnsafeBytes(of: write.sourceVersion.bigEndian) { name.append(contentsOf: $0) }
        part.withUTF8Buffer { name.appendField($0) }
        return name
    }
}

extension [UInt8] {
    fileprivate mutating func appendField(_ bytes: some Collection<UInt8>) {
        Swift.withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { append(contentsOf: $0) }
        append(contentsOf: bytes)
    }
}
