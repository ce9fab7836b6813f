import Messaging

// From the record to the messages of the schema.

extension ParleyV1.Record {
    init(_ record: Record) {
        self.init()
        formatVersion = RecordCodec.formatVersion
        id = record.id
        actor = record.actor
        conversation = record.conversation
        origin = record.origin == .native ? .native : .legacy
        sourceVersion = record.sourceVersion
        verdicts = record.verdicts.map(ParleyV1.HookVerdict.init)
        traceParent = record.traceParent
        command = Command(record.command)
    }
}

extension ParleyV1.HookVerdict {
    init(_ verdict: HookVerdict) {
        self.init()
        hook = verdict.hook
        version = verdict.version
        durationMicros = verdict.durationMicros
        switch verdict.decision {
        case .allowed: decision = .allowed
        case .replaced: decision = .replaced
        case .held: decision = .held
        }
    }
}

extension ParleyV1.Record.Command {
    init(_ command: Messaging.Command) {
        switch command {
        case .createConversation(let create): self = .createConversation(.init(create))
        case .send(let send): self = .send(.init(send))
        case .edit(let edit): self = .edit(.init(edit))
        case .delete(let delete): self = .delete(.init(delete))
        case .react(let react): self = .react(.init(react))
        case .addParticipants(let add): self = .addParticipants(.init(add))
        case .removeParticipant(let remove): self = .removeParticipant(.init(remove))
        case .setModerator(let set): self = .setModerator(.init(set))
        case .rename(let rename): self = .rename(.init(rename))
        case .close(let close): self = .close(.init(close))
        case .stay(let stay): self = .stay(.init(stay))
        case .read(let read): self = .read(.init(read))
        case .markUnread: self = .markUnread(.init())
        case .star(let mark): self = .star(.init(mark))
        case .hide(let mark): self = .hide(.init(mark))
        case .archive(let archive): self = .archive(.init(archive))
        case .mute(let mute): self = .mute(.init(mute))
        case .copyState(let state): self = .copyState(.init(state))
        }
    }
}

extension ParleyV1.CreateConversation {
    init(_ create: CreateConversation) {
        self.init()
        participants = create.participants
        title = create.title?.bytes
        history = create.history == .fromJoin ? .fromJoin : .all
    }
}

extension ParleyV1.Send {
    init(_ send: Send) {
        self.init()
        message = send.message
        clientToken = send.clientToken
        content = send.content.bytes
        digest = send.digest
        replyTo = send.replyTo
        sentAt = send.sentAt
        direct = send.direct
        legacyOrd = send.legacyOrd
    }
}

extension ParleyV1.Edit {
    init(_ edit: Edit) {
        self.init()
        message = edit.message
        content = edit.content.bytes
        expectedVersion = edit.expectedVersion
        legacyOrd = edit.legacy?.ord
        legacyDigest = edit.legacy?.digest
    }
}

extension ParleyV1.Delete {
    init(_ delete: Delete) {
        self.init()
        message = delete.message
        version = delete.version
        reason = delete.reason
    }
}

extension ParleyV1.React {
    init(_ react: React) {
        self.init()
        message = react.message
        reaction = react.reaction
        on = react.on
    }
}

extension ParleyV1.AddParticipants {
    init(_ add: AddParticipants) {
        self.init()
        members = add.members
    }
}

extension ParleyV1.RemoveParticipant {
    init(_ remove: RemoveParticipant) {
        self.init()
        member = remove.member
    }
}

extension ParleyV1.SetModerator {
    init(_ set: SetModerator) {
        self.init()
        member = set.member
        on = set.on
    }
}

extension ParleyV1.Rename {
    init(_ rename: Rename) {
        self.init()
        title = rename.title.bytes
    }
}

extension ParleyV1.Close {
    init(_ close: Close) {
        self.init()
        on = close.on
    }
}

extension ParleyV1.Stay {
    init(_ stay: Stay) {
        self.init()
        member = stay.member
        joined = stay.joined
        left = stay.left
    }
}

extension ParleyV1.CopyState {
    init(_ state: CopyState) {
        self.init()
        message = state.message
        ord = state.ord
        isRead = state.isRead
        isStarred = state.isStarred
        isHidden = state.isHidden
    }
}

extension ParleyV1.Read {
    init(_ read: Read) {
        self.init()
        switch read.upTo {
        case .ord(let ord): upTo = .ord(ord)
        case .message(let message): upTo = .message(message)
        }
        isPrivate = read.isPrivate
    }
}

extension ParleyV1.Mark {
    init(_ mark: Mark) {
        self.init()
        message = mark.message
        on = mark.on
    }
}

extension ParleyV1.Archive {
    init(_ archive: Archive) {
        self.init()
        switch archive.upTo {
        case .ord(let ord): upTo = .ord(ord)
        case .message(let message): upTo = .message(message)
        case nil: upTo = nil
        }
    }
}

extension ParleyV1.Mute {
    init(_ mute: Mute) {
        self.init()
        on = mute.on
    }
}
