/// The fields of a command line, outside `content`.
enum CommandField: UInt8, CaseIterable {
    case id, command, actor, conversation, participants, title, history, to, clientToken, content, replyTo, sentAt
    case message, expectedVersion, reason, version, reaction, on, members, member, upTo, upToMessage, isPrivate

    var name: StaticString {
        switch self {
        case .id: "id"
        case .command: "command"
        case .actor: "actor"
        case .conversation: "conversation"
        case .participants: "participants"
        case .title: "title"
        case .history: "history"
        case .to: "to"
        case .clientToken: "clientToken"
        case .content: "content"
        case .replyTo: "replyTo"
        case .sentAt: "sentAt"
        case .message: "message"
        case .expectedVersion: "expectedVersion"
        case .reason: "reason"
        case .version: "version"
        case .reaction: "reaction"
        case .on: "on"
        case .members: "members"
        case .member: "member"
        case .upTo: "upTo"
        case .upToMessage: "upToMessage"
        case .isPrivate: "private"
        }
    }

    static let table = WordTable(allCases.map(\.name))
}

/// Some of the fields.
struct CommandFields: OptionSet {
    let rawValue: UInt32

    init(rawValue: UInt32) { self.rawValue = rawValue }
    init(_ fields: CommandField...) { rawValue = fields.reduce(0) { $0 | 1 << UInt32($1.rawValue) } }

    @inline(__always)
    func contains(_ field: CommandField) -> Bool { rawValue & 1 << UInt32(field.rawValue) != 0 }

    @inline(__always)
    mutating func insert(_ field: CommandField) {
        self = CommandFields(rawValue: rawValue | 1 << UInt32(field.rawValue))
    }

    /// In the order of their declaration.
    var list: [CommandField] { CommandField.allCases.filter(contains) }
}
