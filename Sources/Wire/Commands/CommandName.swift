/// The commands by the word that names them in JSON, with the fields of each.
enum CommandName: UInt8, CaseIterable {
    case createConversation, send, sendDirect, edit, delete, react, addParticipants, removeParticipant, setModerator
    case rename, close, read, markUnread, star, hide, archive, mute

    var name: StaticString {
        switch self {
        case .createConversation: "createConversation"
        case .send: "send"
        case .sendDirect: "sendDirect"
        case .edit: "edit"
        case .delete: "delete"
        case .react: "react"
        case .addParticipants: "addParticipants"
        case .removeParticipant: "removeParticipant"
        case .setModerator: "setModerator"
        case .rename: "rename"
        case .close: "close"
        case .read: "read"
        case .markUnread: "markUnread"
        case .star: "star"
        case .hide: "hide"
        case .archive: "archive"
        case .mute: "mute"
        }
    }

    static let table = WordTable(allCases.map(\.name))
    /// The fields of each command, by its raw value.
    static let forms = allCases.map(\.form)

    struct Form {
        /// What must be there and not null.
        let required: CommandFields
        /// What may be there.
        let allowed: CommandFields

        init(_ required: CommandFields, optional: CommandFields = []) {
            let always = CommandFields(.command, .actor)
            self.required = required.union(always)
            allowed = self.required.union(optional).union(CommandFields(.id, .conversation))
        }
    }

    private var form: Form {
        switch self {
        case .createConversation:
            Form(CommandFields(.conversation), optional: CommandFields(.participants, .title, .history))
        case .send:
            Form(
                CommandFields(.conversation, .content),
                optional: CommandFields(.clientToken, .replyTo, .sentAt, .message))
        case .sendDirect:
            Form(CommandFields(.to, .content), optional: CommandFields(.clientToken, .replyTo, .sentAt, .message))
        case .edit:
            Form(CommandFields(.conversation, .message, .content), optional: CommandFields(.expectedVersion))
        case .delete: Form(CommandFields(.conversation, .message), optional: CommandFields(.reason, .version))
        case .react: Form(CommandFields(.conversation, .message, .reaction, .on))
        case .addParticipants: Form(CommandFields(.conversation, .members))
        case .removeParticipant: Form(CommandFields(.conversation, .member))
        case .setModerator: Form(CommandFields(.conversation, .member, .on))
        case .rename: Form(CommandFields(.conversation, .title))
        case .close, .mute: Form(CommandFields(.conversation, .on))
        case .read: Form(CommandFields(.conversation), optional: CommandFields(.upTo, .upToMessage, .isPrivate))
        case .markUnread: Form(CommandFields(.conversation))
        case .star, .hide: Form(CommandFields(.conversation, .message, .on))
        case .archive: Form(CommandFields(.conversation, .on), optional: CommandFields(.upTo, .upToMessage))
        }
    }
}
