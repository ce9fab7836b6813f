public import LegacyMailbox
import Messaging

/// The n copies of a message are one message: its id and its command's id come from what the copies share, and of what they
/// say was sent the highest source version counts.
///
/// A copy that was edited or deleted, or has no body, does not tell what was sent at first. It says that there is a message
/// (``Record/placeholderVersion``), so that its edit or deletion finds one.
public struct MessageConverter: Converter {
    public let name = "message"
    public let useCase = "The copies of a message make one shared message, with what the latest of them says was sent."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard let copy = context.copy else { return }
        let content = copy.row.editedAt == nil ? try copy.row.content() : nil
        switch write.operation {
        case .insert, .snapshot: break
        case .update: guard copy.row.editedAt != nil || copy.row.deletion == .everyone else { return }
        case .delete: return
        }
        let isOriginal = content != nil && write.operation != .update
        let message = context.message
        let send = LegacyMessage(
            message: message,
            content: isOriginal ? content! : Content(text: [], mentions: [], attachments: []),
            replyTo: copy.row.inReplyTo.map {
                context.identifiers.message(in: context.conversation, deduplicationKey: $0)
            },
            sentAt: copy.row.sentAt)
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.sharedCommand(message, part: "send", micros: copy.row.sentAt),
                actor: context.member(copy.row.sender), conversation: context.conversation, kind: .send(send),
                sourceVersion: isOriginal ? write.sourceVersion : Record.placeholderVersion, converter: name))
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
        guard let copy = context.copy, write.operation != .delete, let editedAt = copy.row.editedAt,
            let content = try copy.row.content()
        else { return }
        let message = context.message
        commands.append(
            ReplicatedCommand(
                id: context.identifiers.sharedCommand(message, part: "edit", micros: editedAt),
                actor: context.member(copy.row.sender), conversation: context.conversation,
                kind: .edit(message, content, editedAt: editedAt),
                sourceVersion: write.sourceVersion, converter: name))
    }
}

/// Deleting for everyone deletes the message; deleting one's own copy hides it, and taking that back shows it again.
public struct DeletionConverter: Converter {
    public let name = "deletion"
    public let useCase =
        "A message deleted for everyone is deleted once; a copy deleted by its owner is hidden from them."

    public init() {}

    public func convert(
        _ write: LegacyWrite, _ context: ConversionContext, into commands: inout [ReplicatedCommand]
    ) throws {
        guard let copy = context.copy else { return }
        let message = context.message
        if copy.row.deletion == .everyone {
            commands.append(
                ReplicatedCommand(
                    id: context.identifiers.sharedCommand(message, part: "delete", micros: copy.row.sentAt),
                    actor: context.member(copy.row.deletedBy ?? copy.row.sender), conversation: context.conversation,
                    kind: .delete(Delete(message: message, version: nil, reason: nil)),
                    sourceVersion: write.sourceVersion, converter: name))
        }
        let isHidden = copy.row.deletion == .own || (copy.row.deletion == .none && write.operation == .delete)
        commands.describe(copy, write, context, converter: name) { $0.isHidden = isHidden }
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
