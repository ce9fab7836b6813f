import Messaging

/// One command after another, with no regard to whether it is allowed.
extension HistoryGenerator {
    mutating func command(in conversation: ConversationID, by actor: MemberID) -> Command {
        let personal = dice.below(100) < (kind == .personal ? 65 : 30)
        return personal ? personalCommand() : conversationCommand(by: actor)
    }

    private mutating func conversationCommand(by actor: MemberID) -> Command {
        if kind == .reactions && dice.chance(2, in: 3) { return react() }
        if kind == .big && dice.chance(1, in: 2) { return resize(by: actor) }
        switch dice.below(100) {
        case 0..<30: return send(direct: dice.chance(1, in: 12) ? dice.pick(members) : nil)
        case 30..<48: return edit()
        case 48..<58: return .delete(Delete(message: message(), version: nil, reason: reason()))
        case 58..<66:
            let (message, version) = anyVersion()
            return .delete(Delete(message: message, version: version, reason: reason()))
        case 66..<74: return react()
        case 74..<79: return .addParticipants(AddParticipants(members: someMembers(upTo: 3)))
        case 79..<85:
            return .removeParticipant(RemoveParticipant(member: dice.chance(1, in: 2) ? actor : dice.pick(members)))
        case 85..<90: return .setModerator(SetModerator(member: dice.pick(members), on: dice.chance(2, in: 3)))
        case 90..<93: return .rename(Rename(title: title()))
        case 93..<97: return .close(Close(on: dice.chance(1, in: 3)))
        default:
            return .createConversation(
                CreateConversation(participants: someMembers(upTo: 4), title: nil, history: .fromJoin))
        }
    }

    private mutating func personalCommand() -> Command {
        switch dice.below(100) {
        case 0..<40: return .read(Read(upTo: upTo(), isPrivate: dice.chance(1, in: 3)))
        case 40..<50: return .markUnread
        case 50..<62: return .star(Mark(message: message(), on: dice.chance(2, in: 3)))
        case 62..<74: return .hide(Mark(message: message(), on: dice.chance(2, in: 3)))
        case 74..<90: return .archive(Archive(upTo: dice.chance(1, in: 4) ? nil : upTo()))
        default: return .mute(Mute(on: dice.chance(1, in: 2)))
        }
    }

    mutating func send(direct: MemberID?) -> Command {
        let replyTo = dice.chance(1, in: 4) ? message() : nil
        let content = text(isBig: dice.chance(1, in: 200))
        // Equal digests mean equal payloads, so they are made from what they stand for.
        let digest = Identifier(
            high: replyTo?.value.low ?? 0,
            low: content.bytes.reduce(UInt64(content.bytes.count)) { $0 &* 31 &+ UInt64($1) })
        return .send(
            Send(
                message: message(), clientToken: [], content: content, digest: PayloadDigest(digest), replyTo: replyTo,
                sentAt: dice.chance(1, in: 4) ? Array("2024-05-06T07:08:09Z".utf8) : nil, direct: direct))
    }

    mutating func title() -> Sealed {
        dice.chance(1, in: 30)
            ? Sealed(Array(repeating: 7, count: 2_049)) : Sealed(Array("title \(dice.below(4))".utf8))
    }

    private mutating func edit() -> Command {
        let (meant, version) = anyVersion()
        let expects = dice.chance(1, in: 3)
        return .edit(
            Edit(
                message: expects ? meant : message(), content: text(isBig: dice.chance(1, in: 200)),
                expectedVersion: expects ? version : nil))
    }

    /// Something that the author of a message may do with it: with the record that sent or edited it.
    mutating func followUp() -> (record: Record, command: Command)? {
        let makers = (records.suffix(40).map(\.record) + delayed).filter { $0.command.content != nil }
        guard !makers.isEmpty else { return nil }
        let record = dice.pick(makers)
        guard let message = record.command.content else { return nil }
        switch dice.below(20) {
        case 0..<10:
            let expected = dice.chance(1, in: 4) ? record.id : nil
            return (record, .edit(Edit(message: message, content: text(isBig: false), expectedVersion: expected)))
        case 10..<19: return (record, .delete(Delete(message: message, version: record.id, reason: nil)))
        default: return (record, .delete(Delete(message: message, version: nil, reason: reason())))
        }
    }

    private mutating func react() -> Command {
        let kinds = kind == .reactions ? 50 : 3
        return .react(
            React(
                message: kind == .reactions && dice.chance(4, in: 5) ? messages[0] : message(),
                reaction: Array("r\(dice.below(kinds))".utf8), on: dice.chance(kind == .reactions ? 14 : 11, in: 15)))
    }

    /// Adds and removals that lead around the counts of 48 and 64.
    private mutating func resize(by actor: MemberID) -> Command {
        switch dice.below(10) {
        case 0..<4: .addParticipants(AddParticipants(members: someMembers(upTo: 20)))
        case 4: .setModerator(SetModerator(member: dice.pick(members), on: true))
        case 5: .removeParticipant(RemoveParticipant(member: actor))
        default: .removeParticipant(RemoveParticipant(member: dice.pick(Array(members.dropFirst()))))
        }
    }

    /// Sometimes the size at the limit, sometimes the first one above it.
    private mutating func text(isBig: Bool) -> Sealed {
        let allowed = Limits.contentBytes + Limits.sealingAllowance
        if isBig { return Sealed(Array(repeating: 1, count: dice.chance(1, in: 2) ? allowed : allowed + 1)) }
        return Sealed(
            [1, 0, 0, 0, UInt8(dice.below(3)), 0, 0, 0, UInt8(dice.below(3))] + Array("body \(dice.below(3))".utf8))
    }

    private mutating func message() -> MessageID { dice.pick(messages) }
    private mutating func reason() -> [UInt8]? { dice.chance(1, in: 2) ? Array("reason \(dice.below(3))".utf8) : nil }
    private mutating func upTo() -> UpTo { dice.chance(1, in: 2) ? .message(message()) : .ord(anyOrd()) }

    private mutating func someMembers(upTo count: Int) -> [MemberID] {
        (0...dice.below(count)).map { _ in dice.pick(members) }
    }

    /// A message and the id of a send or edit of it that there was or will be; sometimes of any.
    private mutating func anyVersion() -> (MessageID, CommandID) {
        let makers = records.suffix(30).map(\.record) + delayed
        let versions = makers.compactMap { record in record.command.content.map { ($0, record.id) } }
        if versions.isEmpty || dice.chance(1, in: 8) { return (message(), anyCommand()) }
        return dice.pick(versions)
    }
}

extension Command {
    /// The message it gives content, if it does.
    var content: MessageID? {
        switch self {
        case .send(let send): send.message
        case .edit(let edit): edit.message
        default: nil
        }
    }
}
