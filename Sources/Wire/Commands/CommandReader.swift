import Messaging

/// Makes a command of a scanned line, noting everything that is wrong with it.
struct CommandReader {
    private(set) var fields: FieldReader
    /// Fields that stand there, null or not.
    private var seen = CommandFields()
    /// Fields that have a value.
    private var given = CommandFields()
    /// For each given field, the token of its value.
    private var slots: SIMD32<UInt32> = .zero

    init(_ document: JSONDocument) { fields = FieldReader(document: document) }

    /// - Returns: the command, to be used only when nothing was noted.
    mutating func request() -> CommandRequest {
        readNames()
        guard let command = readCommand() else {
            return CommandRequest(actor: id(.actor), conversation: nil, kind: .markUnread)
        }
        let form = CommandName.forms[Int(command.rawValue)]
        checkPresence(of: form, command)
        return CommandRequest(
            id: optionalID(.id), actor: id(.actor), conversation: optionalID(.conversation), kind: kind(command))
    }

    private mutating func readNames() {
        let document = fields.document
        document.forEachName(inObjectAt: 0) { name, value in
            let found = document.withString(name) { CommandField.table.index(of: $0) }
            guard let found, let field = CommandField(rawValue: UInt8(truncatingIfNeeded: found)) else {
                fields.violations.note(.unknownField, "\(document.shown(name)) is not known")
                return
            }
            if seen.contains(field) { fields.violations.note(.duplicateKey, "the field \(field.name) stands twice") }
            seen.insert(field)
            guard document.tokens[value].kind != .null else { return }
            given.insert(field)
            slots[Int(field.rawValue)] = UInt32(truncatingIfNeeded: value)
        }
    }

    private mutating func readCommand() -> CommandName? {
        guard given.contains(.command) else {
            fields.violations.note(.missingField, "command is missing")
            // A field of content that nobody knows comes before that.
            if given.contains(.content) { _ = fields.content(slot(.content)) }
            return nil
        }
        let token = fields.document.tokens[slot(.command)]
        let found = token.kind == .string ? fields.document.withString(token) { CommandName.table.index(of: $0) } : nil
        guard let found, let command = CommandName(rawValue: UInt8(truncatingIfNeeded: found)) else {
            fields.violations.note(.unknownCommand, "the value of command is not a command")
            return nil
        }
        return command
    }

    @inline(__always)
    private mutating func checkPresence(of form: CommandName.Form, _ command: CommandName) {
        if !seen.isSubset(of: form.allowed) {
            for field in seen.subtracting(form.allowed).list {
                fields.violations.note(.unknownField, "\(command.name) has no field \(field.name)")
            }
        }
        if !given.isSuperset(of: form.required) {
            for field in form.required.subtracting(given).list {
                fields.violations.note(.missingField, "\(field.name) is missing")
            }
        }
    }

    private mutating func kind(_ command: CommandName) -> CommandRequest.Kind {
        switch command {
        case .createConversation: .createConversation(create())
        case .send: .send(send())
        case .sendDirect: sendDirect()
        case .edit:
            .edit(EditRequest(message: id(.message), content: content(), expectedVersion: optionalID(.expectedVersion)))
        case .delete:
            .delete(
                Delete(
                    message: id(.message), version: optionalID(.version),
                    reason: optionalText(.reason, limit: Limits.reasonBytes)))
        case .react: .react(React(message: id(.message), reaction: reaction(), on: flag(.on)))
        case .addParticipants: .addParticipants(AddParticipants(members: members(.members)))
        case .removeParticipant: .removeParticipant(RemoveParticipant(member: id(.member)))
        case .setModerator: .setModerator(SetModerator(member: id(.member), on: flag(.on)))
        case .rename: .rename(title: optionalText(.title, limit: Limits.titleBytes) ?? [])
        case .close: .close(Close(on: flag(.on)))
        case .read: .read(read())
        case .markUnread: .markUnread
        case .star: .star(Mark(message: id(.message), on: flag(.on)))
        case .hide: .hide(Mark(message: id(.message), on: flag(.on)))
        case .archive: .archive(archive())
        case .mute: .mute(Mute(on: flag(.on)))
        }
    }
}

// What some commands have that others have not.

extension CommandReader {
    private mutating func create() -> CreateRequest {
        CreateRequest(
            participants: members(.participants), title: optionalText(.title, limit: Limits.titleBytes),
            history: history())
    }

    private mutating func history() -> History {
        guard given.contains(.history) else { return .fromJoin }
        let word = fields.text(slot(.history), "history")
        if word == Array("fromJoin".utf8) { return .fromJoin }
        if word == Array("all".utf8) { return .all }
        fields.violations.note(.badValue, "history is neither fromJoin nor all")
        return .fromJoin
    }

    private mutating func send() -> SendRequest {
        let clientToken = optionalText(.clientToken, limit: Limits.clientTokenBytes)
        if clientToken?.isEmpty == true { fields.violations.note(.badValue, "clientToken is empty") }
        let sentAt = optionalText(.sentAt, limit: Limits.sentAtBytes)
        if let sentAt, !RFC3339.isValid(sentAt) {
            fields.violations.note(.badValue, "sentAt is not a time as RFC 3339 writes it, with a zone")
        }
        return SendRequest(
            clientToken: clientToken, content: content(), replyTo: optionalID(.replyTo), sentAt: sentAt,
            message: optionalID(.message))
    }

    private mutating func sendDirect() -> CommandRequest.Kind {
        let to: MemberID = id(.to)
        if given.contains(.to), given.contains(.actor), to == id(.actor) {
            fields.violations.note(.badValue, "to is the actor: a direct message goes to somebody else")
        }
        return .sendDirect(to: to, send())
    }

    private mutating func reaction() -> [UInt8] {
        guard given.contains(.reaction) else { return [] }
        let reaction = fields.text(slot(.reaction), limit: Limits.reactionBytes, "reaction")
        if reaction.isEmpty { fields.violations.note(.badValue, "reaction is empty") }
        return reaction
    }

    private mutating func read() -> Read {
        let upTo = upTo()
        if given.contains(.upTo) == given.contains(.upToMessage) {
            fields.violations.note(.badValue, "read has either upTo or upToMessage")
        }
        return Read(upTo: upTo ?? .ord(0), isPrivate: given.contains(.isPrivate) && flag(.isPrivate))
    }

    private mutating func archive() -> Archive {
        let upTo = upTo()
        let on = flag(.on)
        let pointsGiven = (given.contains(.upTo) ? 1 : 0) + (given.contains(.upToMessage) ? 1 : 0)
        if on && pointsGiven != 1 {
            fields.violations.note(.badValue, "archive has either upTo or upToMessage when on")
        }
        if !on && pointsGiven != 0 {
            fields.violations.note(.badValue, "archive has neither upTo nor upToMessage when not on")
        }
        return Archive(upTo: upTo)
    }

    private mutating func upTo() -> UpTo? {
        var upTo: UpTo?
        if given.contains(.upToMessage) { upTo = .message(id(.upToMessage)) }
        if given.contains(.upTo) { upTo = .ord(fields.naturalNumber(slot(.upTo), "upTo")) }
        return upTo
    }
}

// Fields by type. A required one that is not there was noted already.

extension CommandReader {
    @inline(__always)
    private func slot(_ field: CommandField) -> Int { Int(slots[Int(field.rawValue)]) }

    private mutating func id<Kind>(_ field: CommandField) -> ID<Kind> {
        optionalID(field) ?? ID(Identifier(high: 0, low: 0))
    }

    private mutating func optionalID<Kind>(_ field: CommandField) -> ID<Kind>? {
        given.contains(field) ? fields.id(slot(field), "\(field.name)") : nil
    }

    private mutating func members(_ field: CommandField) -> [MemberID] {
        guard given.contains(field) else { return [] }
        return fields.ids(slot(field), limit: Limits.membersPerCommand, "\(field.name)")
    }

    private mutating func optionalText(_ field: CommandField, limit: Int) -> [UInt8]? {
        given.contains(field) ? fields.text(slot(field), limit: limit, "\(field.name)") : nil
    }

    private mutating func flag(_ field: CommandField) -> Bool {
        given.contains(field) && fields.flag(slot(field), "\(field.name)")
    }

    private mutating func content() -> Content {
        given.contains(.content) ? fields.content(slot(.content)) : Content(text: [])
    }
}
