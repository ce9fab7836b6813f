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

/// What converters are given beside the write.
public struct ConversionContext: Sendable {
    public var identifiers: LegacyIdentifiers
    /// The log's clock, microseconds: everything of the lane that is in the log lies before it.
    public var nowMicros: Int64

    public init(identifiers: LegacyIdentifiers, nowMicros: Int64) {
        self.identifiers = identifiers
        self.nowMicros = nowMicros
    }
}

/// A command that a legacy write becomes, in clear.
public struct ReplicatedCommand: Sendable, Equatable {
    public var id: CommandID
    public var actor: MemberID
    public var conversation: ConversationID
    public var kind: CommandRequest.Kind
    public var sourceVersion: Int64
    /// Who made it.
    public var converter: String

    public init(
        id: CommandID, actor: MemberID, conversation: ConversationID, kind: CommandRequest.Kind, sourceVersion: Int64,
        converter: String
    ) {
        self.id = id
        self.actor = actor
        self.conversation = conversation
        self.kind = kind
        self.sourceVersion = sourceVersion
        self.converter = converter
    }
}

extension LegacyIdentifiers {
    /// The id of what all copies of a message say alike, so that n copies make one command: UUIDv8 of the milliseconds
    /// of `micros` and UUIDv5(message id, part + `micros` as a big-endian 64-bit integer).
    func sharedCommand(_ message: MessageID, part: StaticString, micros: Int64) -> CommandID {
        var name = part.withUTF8Buffer { Array($0) }
        Swift.withUnsafeBytes(of: micros.bigEndian) { name.append(contentsOf: $0) }
        let hash = Identifier.version5(namespace: message.value, name: name)
        return CommandID(.version8(milliseconds: UInt64(max(0, micros)) / 1_000, hash: hash))
    }
}
