import Messaging
import Wire

/// What is wrong with a request: all of it is looked for, the code that comes first is kept, with its first place.
struct Findings {
    private(set) var worst: Refusal?

    /// The reason is built only when it is kept.
    mutating func note(_ code: Refusal.Code, _ reason: @autoclosure () -> String) {
        if let worst, worst.code <= code { return }
        worst = Refusal(code, reason())
    }
}

/// The checks that a request must pass whoever made it (INTERFACE, refusals; SEMANTICS rules 18 and 31).
///
/// The reader of JSON lines finds most of them itself; requests made in code come here first.
extension Findings {
    /// - Parameter contentSize: bytes of the content in canonical form, where there is content.
    mutating func checkLimits(of request: CommandRequest, contentSize: Int?) {
        switch request.kind {
        case .createConversation(let create):
            checkCount(create.participants.count, Limits.membersPerCommand, "participants")
            if let title = create.title { checkText(title, Limits.titleBytes, "title", mayBeEmpty: true) }
        case .send(let send): check(send)
        case .sendDirect(let to, let send):
            check(send)
            if to == request.actor { note(.badValue, "to is the actor: a direct message to oneself") }
        case .edit(let edit): check(edit.content)
        case .delete(let delete):
            if let reason = delete.reason { checkText(reason, Limits.reasonBytes, "reason", mayBeEmpty: true) }
        case .react(let react): checkText(react.reaction, Limits.reactionBytes, "reaction", mayBeEmpty: false)
        case .addParticipants(let add): checkCount(add.members.count, Limits.membersPerCommand, "members")
        case .rename(let title): checkText(title, Limits.titleBytes, "title", mayBeEmpty: true)
        case .read(let read): checkOrd(read.upTo)
        case .archive(let archive): if let upTo = archive.upTo { checkOrd(upTo) }
        case .removeParticipant, .setModerator, .close, .markUnread, .star, .hide, .mute: break
        }
        if let contentSize, contentSize > Limits.contentBytes {
            note(.tooLarge, "content has \(contentSize) bytes in canonical form; the limit is \(Limits.contentBytes)")
        }
    }

    private mutating func check(_ send: SendRequest) {
        if let token = send.clientToken {
            checkText(token, Limits.clientTokenBytes, "clientToken", mayBeEmpty: false)
        }
        if let sentAt = send.sentAt {
            checkCount(sentAt.count, Limits.sentAtBytes, "sentAt")
            if !RFC3339.isValid(sentAt) {
                note(.badValue, "sentAt is not a time as RFC 3339 writes it, with a zone")
            }
        }
        check(send.content)
    }

    private mutating func check(_ content: Content) {
        checkText(content.text, Int.max, "content.text", mayBeEmpty: !content.attachments.isEmpty)
        checkCount(content.mentions.count, Limits.mentions, "content.mentions")
        checkCount(content.attachments.count, Limits.attachments, "content.attachments")
        for attachment in content.attachments {
            checkText(attachment.uri, Int.max, "content.attachments.uri", mayBeEmpty: true)
            for text in [attachment.mediaType, attachment.name] {
                if let text { checkText(text, Int.max, "content.attachments", mayBeEmpty: true) }
            }
            if let bytes = attachment.bytes, bytes < 0 { note(.badValue, "content.attachments.bytes is below 0") }
        }
    }

    private mutating func checkText(_ text: [UInt8], _ limit: Int, _ place: StaticString, mayBeEmpty: Bool) {
        if text.withUnsafeBytes({ UTF8Check.firstFault(in: $0) != nil || $0.contains(0) }) {
            note(.notText, "\(place) is not UTF-8 text without NUL")
        }
        if text.isEmpty && !mayBeEmpty { note(.badValue, "\(place) is empty") }
        checkCount(text.count, limit, place)
    }

    private mutating func checkCount(_ count: Int, _ limit: Int, _ place: StaticString) {
        if count > limit { note(.tooLarge, "\(place) has \(count); the limit is \(limit)") }
    }

    private mutating func checkOrd(_ upTo: UpTo) {
        if case .ord(let ord) = upTo, ord < 0 { note(.badValue, "upTo is below 0") }
    }
}
