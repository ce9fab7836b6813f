import Messaging
import Wire

/// A request that passed every check, with all its ids; not yet sealed.
struct Draft {
    let request: CommandRequest
    let id: CommandID
    let conversation: ConversationID
    /// What it sends or is about.
    let message: MessageID?
    /// Of a send.
    let clientToken: [UInt8]
    /// What is to be sealed: the content in canonical form, or the title.
    let plaintext: [UInt8]?

    var admitted: Admitted { Admitted(id: id, conversation: conversation, message: message) }
    /// What decides the partition, as `Record.key` has it.
    var key: Identifier { request.kind.isPersonal ? request.actor.value : conversation.value }
}

/// What is wrong with a request: all of it is looked for, the code that comes first is kept, with its first place.
private struct Findings {
    var worst: Refusal?

    /// The reason is built only when it is kept.
    mutating func note(_ code: Refusal.Code, _ reason: @autoclosure () -> String) {
        if let worst, worst.code <= code { return }
        worst = Refusal(code, reason())
    }
}

extension Admission {
    /// Computes a request's ids and checks what only admission can.
    /// - Throws: the `Refusal` whose code comes first, or what `LastOrdSource` throws.
    func draft(_ judged: JudgedRequest, now: Int64) throws -> Draft {
        let request = judged.request
        var findings = Findings(worst: judged.tooLarge)
        if requiresIDs && request.id == nil {
            findings.note(.missingField, "id is missing: without it nobody can tell whether the line is in the log")
        }
        let id = request.id ?? mint.mint(nowMicros: now)
        let clientToken = request.kind.send.map { $0.clientToken ?? Array(id.description.utf8) } ?? []
        let conversation = conversation(of: request, &findings)
        let message = message(of: request, conversation, clientToken, &findings)
        checkAuthority(over: request, conversation, &findings)
        try checkReach(of: request, conversation, now: now, &findings)
        if let refusal = findings.worst { throw refusal }
        return Draft(
            request: request, id: id, conversation: conversation, message: message, clientToken: clientToken,
            plaintext: request.kind.plaintext)
    }

    private func conversation(of request: CommandRequest, _ findings: inout Findings) -> ConversationID {
        if case .sendDirect(let to, _) = request.kind {
            let computed = ConversationID.direct(request.actor, to, namespace: settings.namespace)
            if let given = request.conversation, given != computed {
                findings.note(.badValue, "conversation is not the direct one of actor and to, which is \(computed)")
            }
            return computed
        }
        if let given = request.conversation { return given }
        findings.note(.missingField, "conversation is missing")
        return ConversationID(Identifier(high: 0, low: 0))
    }

    private func message(
        of request: CommandRequest, _ conversation: ConversationID, _ clientToken: [UInt8],
        _ findings: inout Findings
    ) -> MessageID? {
        guard let send = request.kind.send else { return request.kind.target }
        let computed = MessageID.native(conversation: conversation, sender: request.actor, clientToken: clientToken)
        if let given = send.message, given != computed {
            findings.note(
                .badValue, "message is not that of conversation, actor and clientToken, which is \(computed)")
        }
        return computed
    }

    private func checkAuthority(
        over request: CommandRequest, _ conversation: ConversationID, _ findings: inout Findings
    ) {
        guard case .member(let member) = settings.authority else { return }
        if request.actor != member { findings.note(.badValue, "actor is not the authenticated member") }
        if case .createConversation = request.kind, conversation.value.version != 7 {
            findings.note(.badValue, "conversation is not a UUID of version 7")
        }
    }

    /// An ord ahead of both the log's clock and the conversation's last ord would hide what is still to come (rule 31).
    private func checkReach(
        of request: CommandRequest, _ conversation: ConversationID, now: Int64, _ findings: inout Findings
    ) throws {
        let upTo: UpTo? =
            switch request.kind {
            case .read(let read): read.upTo
            case .archive(let archive): archive.upTo
            default: nil
            }
        guard case .ord(let ord) = upTo, ord > now else { return }
        if let last = try lastOrds?.lastOrd(of: conversation), ord <= last { return }
        findings.note(.badValue, "upTo is ahead of the log's clock and of the conversation's last ord")
    }
}

extension CommandRequest.Kind {
    /// As `Command.isPersonal`.
    var isPersonal: Bool {
        switch self {
        case .read, .markUnread, .star, .hide, .archive, .mute: true
        default: false
        }
    }

    /// The message sent.
    var send: SendRequest? {
        switch self {
        case .send(let send), .sendDirect(_, let send): send
        default: nil
        }
    }

    /// The content of a message or of its new version.
    var content: Content? {
        if case .edit(let edit) = self { return edit.content }
        return send?.content
    }

    /// What is to be sealed.
    fileprivate var plaintext: [UInt8]? {
        switch self {
        case .createConversation(let create): create.title
        case .rename(let title): title
        default: content?.canonicalJSON()
        }
    }

    /// The message that the command is about without sending it.
    fileprivate var target: MessageID? {
        switch self {
        case .edit(let edit): edit.message
        case .delete(let delete): delete.message
        case .react(let react): react.message
        case .star(let mark), .hide(let mark): mark.message
        default: nil
        }
    }
}
