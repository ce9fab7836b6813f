import ContentProtection
import Messaging

extension Admission {
    /// Makes the record of a draft: content and titles sealed, and for a send the digest by which copies are known.
    func seal(_ draft: Draft) throws -> Record {
        Record(
            id: draft.id, actor: draft.request.actor, conversation: draft.conversation, command: try command(of: draft))
    }

    private func command(of draft: Draft) throws -> Command {
        switch draft.request.kind {
        case .createConversation(let create):
            let title = try draft.plaintext.map { try sealTitle($0, draft) }
            return .createConversation(
                CreateConversation(participants: create.participants, title: title, history: create.history))
        case .send(let send): return .send(try sealed(send, draft, direct: nil))
        case .sendDirect(let to, let send): return .send(try sealed(send, draft, direct: to))
        case .edit(let edit):
            let content = try sealBody(draft, message: edit.message)
            return .edit(Edit(message: edit.message, content: content, expectedVersion: edit.expectedVersion))
        case .rename(let title): return .rename(Rename(title: try sealTitle(title, draft)))
        case .delete(let delete): return .delete(delete)
        case .react(let react): return .react(react)
        case .addParticipants(let add): return .addParticipants(add)
        case .removeParticipant(let remove): return .removeParticipant(remove)
        case .setModerator(let set): return .setModerator(set)
        case .close(let close): return .close(close)
        case .read(let read): return .read(read)
        case .markUnread: return .markUnread
        case .star(let mark): return .star(mark)
        case .hide(let mark): return .hide(mark)
        case .archive(let archive): return .archive(archive)
        case .mute(let mute): return .mute(mute)
        }
    }

    private func sealed(_ send: SendRequest, _ draft: Draft, direct: MemberID?) throws -> Send {
        guard let message = draft.message, let plaintext = draft.plaintext else {
            preconditionFailure("a send has its message and its content")
        }
        return Send(
            message: message, clientToken: draft.clientToken, content: try sealBody(draft, message: message),
            digest: try sealer.digest(
                content: plaintext, replyTo: send.replyTo, conversation: draft.conversation),
            replyTo: send.replyTo, sentAt: send.sentAt, direct: direct)
    }

    private func sealBody(_ draft: Draft, message: MessageID) throws -> Sealed {
        try sealer.seal(
            draft.plaintext ?? [],
            binding: .body(
                conversation: draft.conversation, message: message, author: draft.request.actor, command: draft.id))
    }

    private func sealTitle(_ title: [UInt8], _ draft: Draft) throws -> Sealed {
        try sealer.seal(
            title,
            binding: .title(conversation: draft.conversation, author: draft.request.actor, command: draft.id))
    }
}
