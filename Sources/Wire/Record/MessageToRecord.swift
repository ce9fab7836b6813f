import Messaging

// From the messages of the schema to the record.

extension ParleyV1.Record {
    /// - Throws: `missingField` when a field without which the record means nothing is not there, `unknown` for a kind
    ///   of command that this version does not know.
    func record() throws(WireError) -> Messaging.Record {
        if let unknownCommand {
            throw WireError(.unknown, "command kind \(unknownCommand), which this program does not know: upgrade it")
        }
        guard let command else { throw WireError(.missingField, "the record has no command") }
        guard !command.isLegacyOnly || (origin == .legacy && sourceVersion != nil) else {
            throw WireError(
                .missingField,
                "what only a legacy system says stands in a record without origin legacy and a source version")
        }
        return Messaging.Record(
            id: try given(id, "Record.id"), actor: try given(actor, "Record.actor"),
            conversation: try given(conversation, "Record.conversation"), command: try command.command(),
            origin: origin == .native ? .native : .legacy, sourceVersion: sourceVersion,
            verdicts: verdicts.map { $0.verdict }, traceParent: traceParent)
    }
}

/// A field that must be there.
@inline(__always)
private func given<Value>(_ value: Value?, _ place: StaticString) throws(WireError) -> Value {
    guard let value else { throw WireError(.missingField, "\(place) is not there") }
    return value
}

/// An ord that a legacy system gives.
private func ord(_ value: Int64, _ place: StaticString) throws(WireError) -> Int64 {
    guard Limits.legacyOrds.contains(value) else {
        throw WireError(.malformed, "\(place) is \(value), which is no ord: \(Limits.legacyOrds)")
    }
    return value
}

extension ParleyV1.HookVerdict {
    fileprivate var verdict: HookVerdict {
        let said: Messaging.HookVerdict.Decision =
            switch decision {
            case .allowed: .allowed
            case .replaced: .replaced
            case .held: .held
            }
        return HookVerdict(hook: hook, version: version, decision: said, durationMicros: durationMicros)
    }
}

extension ParleyV1.Record.Command {
    /// Whether it says what only a legacy system can.
    fileprivate var isLegacyOnly: Bool {
        switch self {
        case .stay, .copyState: true
        case .send(let send): send.legacyOrd != nil
        case .edit(let edit): edit.legacyOrd != nil
        default: false
        }
    }

    fileprivate func command() throws(WireError) -> Messaging.Command {
        switch self {
        case .createConversation(let create): .createConversation(create.command)
        case .send(let send): .send(try send.command())
        case .edit(let edit): .edit(try edit.command())
        case .delete(let delete): .delete(try delete.command())
        case .react(let react): .react(try react.command())
        case .addParticipants(let add): .addParticipants(AddParticipants(members: add.members))
        case .removeParticipant(let remove):
            .removeParticipant(RemoveParticipant(member: try given(remove.member, "RemoveParticipant.member")))
        case .setModerator(let set):
            .setModerator(SetModerator(member: try given(set.member, "SetModerator.member"), on: set.on))
        case .rename(let rename): .rename(Rename(title: Sealed(rename.title)))
        case .close(let close): .close(Close(on: close.on))
        case .stay(let stay): .stay(try stay.command())
        case .read(let read): .read(try read.command())
        case .markUnread: .markUnread
        case .star(let mark): .star(try mark.command())
        case .hide(let mark): .hide(try mark.command())
        case .archive(let archive): .archive(archive.command)
        case .mute(let mute): .mute(Mute(on: mute.on))
        case .copyState(let state): .copyState(try state.command())
        }
    }
}

extension ParleyV1.CreateConversation {
    fileprivate var command: CreateConversation {
        CreateConversation(
            participants: participants, title: title.map { Sealed($0) },
            history: history == .fromJoin ? .fromJoin : .all)
    }
}

extension ParleyV1.Send {
    fileprivate func command() throws(WireError) -> Send {
        Send(
            message: try given(message, "Send.message"), clientToken: clientToken, content: Sealed(content),
            digest: try given(digest, "Send.digest"), replyTo: replyTo, sentAt: sentAt, direct: direct,
            legacyOrd: try legacyOrd.map { value throws(WireError) in try ord(value, "Send.legacy_ord") })
    }
}

extension ParleyV1.Edit {
    fileprivate func command() throws(WireError) -> Edit {
        var legacy: LegacyEdit?
        if let legacyOrd {
            legacy = LegacyEdit(
                ord: try ord(legacyOrd, "Edit.legacy_ord"), digest: try given(legacyDigest, "Edit.legacy_digest"))
        }
        return Edit(
            message: try given(message, "Edit.message"), content: Sealed(content), expectedVersion: expectedVersion,
            legacy: legacy)
    }
}

extension ParleyV1.Delete {
    fileprivate func command() throws(WireError) -> Delete {
        Delete(message: try given(message, "Delete.message"), version: version, reason: reason)
    }
}

extension ParleyV1.React {
    fileprivate func command() throws(WireError) -> React {
        React(message: try given(message, "React.message"), reaction: reaction, on: on)
    }
}

extension ParleyV1.Stay {
    fileprivate func command() throws(WireError) -> Stay {
        Stay(
            member: try given(member, "Stay.member"), joined: try ord(joined, "Stay.joined"),
            left: try left.map { value throws(WireError) in try ord(value, "Stay.left") })
    }
}

extension ParleyV1.CopyState {
    fileprivate func command() throws(WireError) -> CopyState {
        CopyState(
            message: try given(message, "CopyState.message"), ord: try Wire.ord(ord, "CopyState.ord"), isRead: isRead,
            isStarred: isStarred,
            isHidden: isHidden)
    }
}

extension ParleyV1.Read {
    fileprivate func command() throws(WireError) -> Read {
        switch try given(upTo, "Read.up_to") {
        case .ord(let ord): Read(upTo: .ord(ord), isPrivate: isPrivate)
        case .message(let message): Read(upTo: .message(message), isPrivate: isPrivate)
        }
    }
}

extension ParleyV1.Mark {
    fileprivate func command() throws(WireError) -> Mark {
        Mark(message: try given(message, "Mark.message"), on: on)
    }
}

extension ParleyV1.Archive {
    fileprivate var command: Archive {
        switch upTo {
        case .ord(let ord): Archive(upTo: .ord(ord))
        case .message(let message): Archive(upTo: .message(message))
        case nil: Archive(upTo: nil)
        }
    }
}
