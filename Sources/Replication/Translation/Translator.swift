public import LegacyMailbox

/// Legacy writes to commands, by a list of converters in order.
public struct Translator: Sendable {
    /// Every converter of Parley, in the order in which their commands stand in the log.
    public static let standard: [any Converter] = [
        ThreadConverter(), MembershipConverter(), MessageConverter(), EditConverter(), DeletionConverter(),
        ReadConverter(), StarConverter(), FolderConverter(),
    ]

    public let converters: [any Converter]

    public init(converters: [any Converter] = Translator.standard) { self.converters = converters }

    /// - Returns: the commands in order; none when the write changes nothing that Parley keeps.
    /// - Throws: `ReplicationError` with `untranslatable`.
    public func translate(_ write: LegacyWrite, _ context: ConversionContext) throws -> [ReplicatedCommand] {
        var commands: [ReplicatedCommand] = []
        commands.reserveCapacity(4)
        for converter in converters { try converter.convert(write, context, into: &commands) }
        return commands
    }
}
