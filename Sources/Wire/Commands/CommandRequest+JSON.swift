public import Messaging

extension CommandRequest {
    /// Writes the command as a producer would: one object, absent fields left out. `CommandParser` reads it back.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id, absent: .omitted)
        writer.key("command")
        writer.word(kind.name)
        writer.field("actor", actor)
        writer.field("conversation", conversation, absent: .omitted)
        kind.writeFields(to: &writer)
        writer.endObject()
    }
}

extension CommandRequest.Kind {
    /// The word that names the command in JSON.
    public var name: StaticString { commandName.name }

    private var commandName: CommandName {
        switch self {
        case .createConversation: .createConversation
        case .send: .send
        case .sendDirect: .sendDirect
        case .edit: .edit
        case .delete: .delete
        case .react: .react
        case .addParticipants: .addParticipants
        case .removeParticipant: .removeParticipant
        case .setModerator: .setModerator
        case .rename: .rename
        case .close: .close
        case .read: .read
        case .markUnread: .markUnread
        case .star: .star
        case .hide: .hide
        case .archive: .archive
        case .mute: .mute
        }
    }

    fileprivate func writeFields(to writer: inout JSONWriter) {
        switch self {
        case .createConversation(let create): writer.fields(of: create, absent: .omitted)
        case .send(let send): send.writeFields(to: &writer)
        case .sendDirect(let to, let send):
            writer.field("to", to)
            send.writeFields(to: &writer)
        case .edit(let edit):
            writer.field("message", edit.message)
            writer.key("content")
            edit.content.write(to: &writer)
            writer.field("expectedVersion", edit.expectedVersion, absent: .omitted)
        case .delete(let delete): writer.fields(of: delete, absent: .omitted)
        case .react(let react): writer.fields(of: react)
        case .addParticipants(let add): writer.field("members", ids: add.members)
        case .removeParticipant(let remove): writer.field("member", remove.member)
        case .setModerator(let set): writer.fields(of: set)
        case .rename(let title): writer.field("title", text: title)
        case .close(let close): writer.field("on", close.on)
        case .read(let read): writer.fields(of: read, absent: .omitted)
        case .markUnread: break
        case .star(let mark), .hide(let mark): writer.fields(of: mark)
        case .archive(let archive): writer.fields(of: archive, absent: .omitted)
        case .mute(let mute): writer.field("on", mute.on)
        }
    }
}

extension SendRequest {
    fileprivate func writeFields(to writer: inout JSONWriter) {
        writer.field("clientToken", text: clientToken, absent: .omitted)
        writer.field("message", message, absent: .omitted)
        writer.key("content")
        content.write(to: &writer)
        writer.field("replyTo", replyTo, absent: .omitted)
        writer.field("sentAt", text: sentAt, absent: .omitted)
    }
}
