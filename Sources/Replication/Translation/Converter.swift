public import LegacyMailbox
public import Messaging

/// One step from a legacy write to commands: small, named, tested alone.
///
/// A converter holds no state: the same write always gives the same commands with the same ids. Any thread may use it.
public protocol Converter: Sendable {
    /// Stands in each record it made, and in metrics.
    var name: String { get }
    /// What it is for, in one sentence.
    var useCase: String { get }

    /// Adds what the write means to `commands`; nothing when it is not about that.
    /// - Throws: `ReplicationError` with `untranslatable`; the lane is parked then.
    func convert(_ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]) throws
}

/// What converters are given beside the write: its ids, computed once.
public struct ConversionContext: Sendable {
    public let identifiers: LegacyIdentifiers
    /// The conversation that the write's thread is.
    public let conversation: ConversationID
    /// The member whose row it is; of a thread's its creator.
    public let owner: MemberID
    /// Of a copy: its row, by reference, so that a converter that looks at a field does not copy all of them.
    public let copy: CopyRow?
    /// Of a copy: who sent the message, and the shared message.
    private let sender: MemberID?
    private let copied: MessageID?

    /// A row that is not copied where it is passed on.
    public final class CopyRow: Sendable {
        public let row: LegacyCopy

        init(_ row: LegacyCopy) { self.row = row }
    }

    public init(_ write: LegacyWrite, _ identifiers: LegacyIdentifiers) {
        self.init(write, identifiers, known: LegacyIdentifierCache(identifiers))
    }

    /// - Parameter known: for writes that follow each other, of the same `identifiers`.
    init(_ write: LegacyWrite, _ identifiers: LegacyIdentifiers, known: LegacyIdentifierCache) {
        self.identifiers = identifiers
        conversation = known.conversation(thread: write.thread)
        switch write.row {
        case .thread(let row):
            owner = known.member(owner: row.creator)
            (copy, sender, copied) = (nil, nil, nil)
        case .participant(let row):
            owner = known.member(owner: row.owner)
            (copy, sender, copied) = (nil, nil, nil)
        case .copy(let row):
            copy = CopyRow(row)
            owner = known.member(owner: row.owner)
            sender = row.sender == row.owner ? owner : known.member(owner: row.sender)
            copied = identifiers.message(in: conversation, deduplicationKey: row.deduplicationKey)
        }
    }

    /// - Precondition: the write is of a copy.
    public var message: MessageID {
        guard let copied else { preconditionFailure("only a copy is of a message") }
        return copied
    }

    /// The member that a name of the legacy system is.
    func member(_ name: [UInt8]) -> MemberID {
        if let copy, name == copy.row.owner { return owner }
        if let copy, let sender, name == copy.row.sender { return sender }
        return identifiers.member(owner: name)
    }
}

/// A command that a legacy write becomes, in clear.
public struct ReplicatedCommand: Sendable, Equatable {
    /// What legacy writes can become. Content and titles are sealed on the way to the log.
    public enum Kind: Sendable, Equatable {
        /// A conversation with its title.
        case found(title: [UInt8])
        case rename(title: [UInt8])
        case stay(Stay)
        case send(LegacyMessage)
        case edit(MessageID, Content, editedAt: Int64)
        case delete(Delete)
        case copyState(CopyState)
        case archive(Archive)
    }

    public var id: CommandID
    public var actor: MemberID
    public var conversation: ConversationID
    public var kind: Kind
    public var sourceVersion: Int64
    /// Who made it, in their order.
    public var converters: [String]

    public init(
        id: CommandID, actor: MemberID, conversation: ConversationID, kind: Kind, sourceVersion: Int64,
        converter: String
    ) {
        self.id = id
        self.actor = actor
        self.conversation = conversation
        self.kind = kind
        self.sourceVersion = sourceVersion
        converters = [converter]
    }
}

/// A message as the legacy system sent it.
public struct LegacyMessage: Sendable, Equatable {
    public var message: MessageID
    public var content: Content
    public var replyTo: MessageID?
    /// Its ord, microseconds.
    public var sentAt: Int64

    public init(message: MessageID, content: Content, replyTo: MessageID?, sentAt: Int64) {
        self.message = message
        self.content = content
        self.replyTo = replyTo
        self.sentAt = sentAt
    }
}

extension [ReplicatedCommand] {
    /// Changes the command that says how the owner's copy stands; adds it where no converter has yet.
    mutating func describe(
        _ copy: ConversionContext.CopyRow, _ write: LegacyWrite, _ context: ConversionContext, converter: String,
        _ body: (inout CopyState) -> Void
    ) {
        let known = firstIndex { if case .copyState = $0.kind { true } else { false } }
        if let known, case .copyState(var state) = self[known].kind {
            body(&state)
            self[known].kind = .copyState(state)
            self[known].converters.append(converter)
            return
        }
        var state = CopyState(
            message: context.message, ord: copy.row.sentAt.asOrd, isRead: nil, isStarred: false, isHidden: false)
        body(&state)
        append(
            ReplicatedCommand(
                id: context.identifiers.command(for: write, part: "copy"),
                actor: context.owner, conversation: context.conversation, kind: .copyState(state),
                sourceVersion: write.sourceVersion, converter: converter))
    }
}

extension Int64 {
    /// A legacy time as an ord: what a broken clock dates before 1970, or beyond all time, stands at the end of ords.
    var asOrd: Int64 { Swift.min(Swift.max(self, Limits.legacyOrds.lowerBound), Limits.legacyOrds.upperBound) }
}

extension LegacyIdentifiers {
    /// The id of what all copies of a message say alike, so that n copies make one command: UUIDv8 of the milliseconds
    /// of `micros` and UUIDv5(message id, part + `micros` as a big-endian 64-bit integer).
    func sharedCommand(_ message: MessageID, part: StaticString, micros: Int64) -> CommandID {
        let time = Swift.withUnsafeBytes(of: micros.bigEndian) { Array($0) }
        let hash = Identifier.version5(namespace: message.value, part, time)
        return CommandID(.version8(milliseconds: UInt64(max(0, micros)) / 1_000, hash: hash))
    }
}
