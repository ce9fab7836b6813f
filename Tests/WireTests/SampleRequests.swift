import Messaging

/// Random commands as members ask them, within all limits.
struct SampleRequests {
    private var samples: SampleRecords

    init(seed: UInt64) { samples = SampleRecords(seed: seed) }

    private mutating func text(_ least: Int, upTo count: Int) -> [UInt8] {
        var text = samples.text(upTo: count)
        if text.count < least { text = [0x21] }
        return text
    }

    mutating func content() -> Content {
        let attachments = (0..<samples.random.below(3)).map { _ in
            Attachment(
                uri: samples.text(upTo: 8), mediaType: samples.maybe { $0.text(upTo: 4) },
                bytes: samples.maybe { Int64($0.random.next() >> 1) }, name: samples.maybe { $0.text(upTo: 4) })
        }
        return Content(
            text: text(attachments.isEmpty ? 1 : 0, upTo: 30), mentions: samples.ids(upTo: 3), attachments: attachments)
    }

    private mutating func send() -> SendRequest {
        let sentAt = samples.random.pick([
            "2004-12-25T10:02:11Z", "2016-12-31T23:59:60.25Z", "1999-01-01t00:00:00-23:59",
        ])
        return SendRequest(
            clientToken: samples.flag() ? text(1, upTo: 10) : nil, content: content(),
            replyTo: samples.maybe { $0.id() },
            sentAt: samples.flag() ? Array(sentAt.utf8) : nil, message: samples.maybe { $0.id() })
    }

    private mutating func upTo() -> UpTo {
        samples.flag() ? .ord(Int64(samples.random.next() >> 1)) : .message(samples.id())
    }

    private mutating func kind(actor: MemberID) -> CommandRequest.Kind {
        switch samples.random.below(17) {
        case 0:
            return .createConversation(
                CreateRequest(
                    participants: samples.ids(upTo: 5), title: samples.maybe { $0.text(upTo: 5) },
                    history: samples.flag() ? .all : .fromJoin))
        case 1, 2: return .send(send())
        case 3:
            var to: MemberID = samples.id()
            if to == actor { to.value.low ^= 1 }
            return .sendDirect(to: to, send())
        case 4:
            return .edit(
                EditRequest(message: samples.id(), content: content(), expectedVersion: samples.maybe { $0.id() }))
        case 5:
            return .delete(
                Delete(
                    message: samples.id(), version: samples.maybe { $0.id() },
                    reason: samples.maybe { $0.text(upTo: 5) }))
        case 6: return .react(React(message: samples.id(), reaction: text(1, upTo: 2), on: samples.flag()))
        case 7: return .addParticipants(AddParticipants(members: samples.ids(upTo: 5)))
        case 8: return .removeParticipant(RemoveParticipant(member: samples.id()))
        case 9: return .setModerator(SetModerator(member: samples.id(), on: samples.flag()))
        case 10: return .rename(title: samples.text(upTo: 5))
        case 11: return .close(Close(on: samples.flag()))
        case 12: return .read(Read(upTo: upTo(), isPrivate: samples.flag()))
        case 13: return .markUnread
        case 14:
            return samples.flag()
                ? .star(Mark(message: samples.id(), on: true)) : .hide(Mark(message: samples.id(), on: false))
        case 15: return .archive(Archive(upTo: samples.flag() ? upTo() : nil))
        default: return .mute(Mute(on: samples.flag()))
        }
    }

    mutating func request() -> CommandRequest {
        let actor: MemberID = samples.id()
        let kind = kind(actor: actor)
        var conversation: ConversationID? = samples.id()
        if case .sendDirect = kind, samples.flag() { conversation = nil }
        return CommandRequest(id: samples.maybe { $0.id() }, actor: actor, conversation: conversation, kind: kind)
    }
}
