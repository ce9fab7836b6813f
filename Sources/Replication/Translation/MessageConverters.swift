public import LegacyMailbox
import Messaging

/// The n copies of a message are one message: its id and its command's id come from what the copies share.
public struct MessageConverter: Converter {
    public let name = "message"
    public let useCase = "The first copy with a body makes the shared message; the others are copies of the command."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .copy(let row) = write.row, write.operation == .insert || write.operation == .snapshot,
            let content = try row.content()
        else { return }
        let message = context.message(of: row)
        let send = SendRequest(
            clientToken: Array(message.description.utf8), content: content,
            replyTo: row.inReplyTo.map { context.identifiers.message(thread: row.thread, deduplicationKey: $0) },
            sentAt: CalendarTime.text(micros: row.sentAt), message: message)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.sharedCommand(message, part: "send", micros: row.sentAt),
                actor: context.identifiers.member(owner: row.sender),
                conversation: context.identifiers.conversation(thread: row.thread), kind: .send(send),
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// A body changed in every copy is one edit.
public struct EditConverter: Converter {
    public let name = "edit"
    public let useCase = "The copies of an edited message make one new version."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .copy(let row) = write.row, write.operation == .update, let editedAt = row.editedAt,
            let content = try row.content()
        else { return }
        let message = context.message(of: row)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.sharedCommand(message, part: "edit", micros: editedAt),
                actor: context.identifiers.member(owner: row.sender),
                conversation: context.identifiers.conversation(thread: row.thread),
                kind: .edit(EditRequest(message: message, content: content)),
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// Deleting for everyone deletes the message; deleting one's own copy hides it.
public struct DeletionConverter: Converter {
    public let name = "deletion"
    public let useCase =
        "A message deleted for everyone is deleted once; a copy deleted by its owner is hidden from them."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard case .copy(let row) = write.row else { return }
        let message = context.message(of: row)
        let conversation = context.identifiers.conversation(thread: row.thread)
        if row.deletion == .everyone {
            commands.append(
                ReplicatedCommand(
                    id: context.identifiers.sharedCommand(message, part: "delete", micros: row.sentAt),
                    actor: context.identifiers.member(owner: row.deletedBy ?? row.sender), conversation: conversation,
                    kind: .delete(Delete(message: message, version: nil, reason: nil)),
                    sourceVersion: write.sourceVersion, converter: name))
        } else if row.deletion == .own || write.operation == .delete {
            commands.append(
                ReplicatedCommand(
                    id: context.identifiers.command(for: write, part: "hide"),
                    actor: context.identifiers.member(owner: row.owner), conversation: conversation,
                    kind: .hide(Mark(message: message, on: true)), sourceVersion: write.sourceVersion,
                    converter: name))
        }
    }
}

extension ConversionContext {
    func message(of row: LegacyCopy) -> MessageID {
        identifiers.message(thread: row.thread, deduplicationKey: row.deduplicationKey)
    }
}

extension LegacyCopy {
    /// What the copy says; `nil` when it has no body (any more).
    /// - Throws: `ReplicationError` with `untranslatable` when it is above a limit.
    fileprivate func content() throws -> Content? {
        guard deletion != .everyone, let body else { return nil }
        guard body.count <= Limits.contentBytes, attachments.count <= Limits.attachments else {
            throw ReplicationError(
                .untranslatable,
                "copy \(String(decoding: copyID, as: UTF8.self)) has \(body.count) bytes and \(attachments.count) "
                    + "attachments; at most \(Limits.contentBytes) and \(Limits.attachments): keep the rest as a file")
        }
        return Content(
            text: body, mentions: [],
            attachments: attachments.map {
                Attachment(
                    uri: $0.uri, mediaType: $0.mediaType.isEmpty ? nil : $0.mediaType, bytes: $0.bytes,
                    name: $0.name.isEmpty ? nil : $0.name)
            })
    }
}
