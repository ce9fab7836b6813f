import Wire

/// A legacy write as protobuf: `Schemas/legacy.proto`.
extension LegacyWrite {
    /// - Precondition: all text is UTF-8.
    public func protobuf() -> [UInt8] {
        var message = ParleyLegacyV1.Write()
        message.formatVersion = UInt32(Self.formatVersion)
        message.operation = ParleyLegacyV1.Operation(operation)
        message.sourceVersion = sourceVersion
        message.row =
            switch row {
            case .thread(let row): .thread(ParleyLegacyV1.Thread(row))
            case .participant(let row): .participant(ParleyLegacyV1.Participant(row))
            case .copy(let row): .copy(ParleyLegacyV1.Copy(row))
            }
        var bytes: [UInt8] = []
        ProtobufWriter.append(message.encodedSize, to: &bytes) { message.encode(into: &$0) }
        return bytes
    }

    /// - Throws: `LegacyError` with `malformed`, or `unknown` for a form of a newer program.
    public init(protobuf: [UInt8]) throws(LegacyError) {
        let message: ParleyLegacyV1.Write
        do throws(ProtobufFault) {
            message = try protobuf.span.bytes.withUnsafeBytes { raw throws(ProtobufFault) in
                try ParleyLegacyV1.Write(ProtobufReader(raw))
            }
        } catch {
            let reason = WireError(error)
            throw LegacyError(reason.code == .unknown ? .unknown : .malformed, reason.message, cause: reason)
        }
        guard message.formatVersion == UInt32(Self.formatVersion), message.unknownRow == nil else {
            throw LegacyError(.unknown, "a legacy write of another format or row than this program knows: upgrade it")
        }
        guard let row = message.row else { throw LegacyError(.malformed, "a legacy write without a row") }
        self.init(Operation(message.operation), Row(row), sourceVersion: message.sourceVersion)
    }
}

extension LegacyWrite.Operation {
    fileprivate init(_ operation: ParleyLegacyV1.Operation) {
        switch operation {
        case .insert: self = .insert
        case .update: self = .update
        case .delete: self = .delete
        case .snapshot: self = .snapshot
        }
    }
}

extension ParleyLegacyV1.Operation {
    fileprivate init(_ operation: LegacyWrite.Operation) {
        switch operation {
        case .insert: self = .insert
        case .update: self = .update
        case .delete: self = .delete
        case .snapshot: self = .snapshot
        }
    }
}

extension LegacyWrite.Row {
    fileprivate init(_ row: ParleyLegacyV1.Write.Row) {
        switch row {
        case .thread(let row):
            self = .thread(
                LegacyThread(
                    thread: row.thread, subject: row.subject, creator: row.creator, createdAt: row.createdAt))
        case .participant(let row):
            self = .participant(
                LegacyParticipant(
                    thread: row.thread, owner: row.owner, joinedAt: row.joinedAt, leftAt: row.leftAt,
                    folder: row.folder))
        case .copy(let row): self = .copy(LegacyCopy(row))
        }
    }
}

extension LegacyCopy {
    fileprivate init(_ row: ParleyLegacyV1.Copy) {
        let deletion: Deletion =
            switch row.deleted {
            case .none: .none
            case .own: .own
            case .everyone: .everyone
            }
        self.init(
            thread: row.thread, owner: row.owner, copyID: row.copy, deduplicationKey: row.dedupKey,
            folder: row.folder, sender: row.sender, recipients: row.recipients.map(\.owner), subject: row.subject,
            body: row.body,
            attachments: row.attachments.map {
                LegacyAttachment(uri: $0.uri, mediaType: $0.mediaType, name: $0.name, bytes: $0.byteCount)
            }, inReplyTo: row.inReplyTo, sentAt: row.sentAt, readAt: row.readAt, starred: row.starred,
            deletion: deletion, deletedBy: row.deletedBy, editedAt: row.editedAt)
    }
}

extension ParleyLegacyV1.Thread {
    fileprivate init(_ row: LegacyThread) {
        self.init()
        thread = row.thread
        subject = row.subject
        creator = row.creator
        createdAt = row.createdAt
    }
}

extension ParleyLegacyV1.Participant {
    fileprivate init(_ row: LegacyParticipant) {
        self.init()
        thread = row.thread
        owner = row.owner
        joinedAt = row.joinedAt
        leftAt = row.leftAt
        folder = row.folder
    }
}

extension ParleyLegacyV1.Copy {
    fileprivate init(_ row: LegacyCopy) {
        self.init()
        thread = row.thread
        owner = row.owner
        copy = row.copyID
        dedupKey = row.deduplicationKey
        folder = row.folder
        sender = row.sender
        recipients = row.recipients.map { name in
            var recipient = ParleyLegacyV1.Recipient()
            recipient.owner = name
            return recipient
        }
        subject = row.subject
        body = row.body
        attachments = row.attachments.map(ParleyLegacyV1.Attachment.init)
        inReplyTo = row.inReplyTo
        sentAt = row.sentAt
        readAt = row.readAt
        starred = row.starred
        switch row.deletion {
        case .none: deleted = .none
        case .own: deleted = .own
        case .everyone: deleted = .everyone
        }
        deletedBy = row.deletedBy
        editedAt = row.editedAt
    }
}

extension ParleyLegacyV1.Attachment {
    fileprivate init(_ attachment: LegacyAttachment) {
        self.init()
        uri = attachment.uri
        mediaType = attachment.mediaType
        name = attachment.name
        byteCount = attachment.bytes
    }
}
