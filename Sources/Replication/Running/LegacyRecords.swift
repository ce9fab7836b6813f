public import LegacyMailbox
public import Messaging

/// What records of `legacy-writes` are: their lane, and the commands they become. The same for replicating, predicting
/// and auditing. Any thread may use it.
public struct LegacyRecords: Sendable {
    public let format: any LegacyFormat
    public let translator: Translator
    public let identifiers: LegacyIdentifiers

    /// - Parameter namespace: of the deployment, for all ids.
    public init(format: any LegacyFormat, namespace: Identifier, translator: Translator = Translator()) {
        self.format = format
        self.translator = translator
        identifiers = LegacyIdentifiers(namespace: namespace)
    }

    /// The conversation whose writes a record stands behind, whatever can be made of it.
    public func lane(key: [UInt8], value: [UInt8]) -> ConversationID {
        identifiers.conversation(thread: format.thread(key: key, value: value))
    }

    /// The write that a record says; `nil` when it says nothing to apply.
    /// - Throws: `LegacyError`.
    public func write(of record: Payload) throws(LegacyError) -> LegacyWrite? {
        guard case .write(let write) = try format.decode(key: record.key, value: record.value) else { return nil }
        return write
    }

    /// What a record becomes.
    /// - Throws: `LegacyError`, `ReplicationError`.
    public func commands(of record: Payload) throws -> [ReplicatedCommand] {
        try commands(of: record, known: LegacyIdentifierCache(identifiers))
    }

    /// - Parameter known: for records that follow each other, of ``identifiers``.
    func commands(of record: Payload, known: LegacyIdentifierCache) throws -> [ReplicatedCommand] {
        guard let write = try write(of: record) else { return [] }
        let context = ConversionContext(write, identifiers, known: known)
        let commands = try translator.translate(write, context)
        guard format.thread(key: record.key, value: record.value) == write.thread,
            commands.allSatisfy({ $0.conversation == context.conversation })
        else {
            throw ReplicationError(.untranslatable, "the record's key is not the thread of its row")
        }
        return commands
    }

    /// Why what ``commands(of:)`` threw is no success, for its lane.
    static func failure(_ error: any Error) -> LaneFailure {
        switch error {
        case let error as LegacyError: LaneFailure(error.isRetriable ? .transient : .permanent, error.message)
        case let error as ReplicationError: LaneFailure(error.isRetriable ? .transient : .permanent, error.message)
        default: LaneFailure(.unknown, "\(type(of: error))")
        }
    }
}
