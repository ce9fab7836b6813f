import Messaging

/// Rules 3 to 12: what is done to a message that is here. Participation and moderator right are those at the entry's ord.
extension ModelConversation {
    mutating func judgeOnMessage(_ id: MessageID, _ entry: Entry) -> ReferenceModel.Verdict {
        guard let index = messages.firstIndex(where: { $0.id == id }) else { preconditionFailure("no such message") }
        if entry.version != nil { return judgeLegacyOnMessage(index, entry) }
        switch entry.logged.record.command {
        case .edit(let edit): return messages[index].edit(edit, entry)
        case .react(let react): return messages[index].react(react, entry)
        case .delete(let delete):
            guard entry.actor == messages[index].sender || entry.isModerator else { return .rejected("notAllowed") }
            if let version = delete.version {
                return messages[index].tombstone == nil ? messages[index].withdraw(version) : .accepted
            }
            messages[index].bury(entry.actor, entry.ord, delete.reason)
            return .accepted
        default: preconditionFailure("not about a message")
        }
    }
}

extension ModelConversation.Message {
    /// The version in force: the newest that was not withdrawn.
    var current: ModelConversation.Version? { tombstone == nil ? versions.last { !$0.isWithdrawn } : nil }

    mutating func edit(_ edit: Edit, _ entry: ModelConversation.Entry) -> ReferenceModel.Verdict {
        var reasons: [String] = []
        if !entry.isInside { reasons.append("notParticipant") }
        if entry.actor != sender { reasons.append("notAllowed") }
        if tombstone != nil { reasons.append("deleted") }
        if let expected = edit.expectedVersion, expected != current?.id { reasons.append("versionConflict") }
        if reasons.isEmpty {
            let id = entry.logged.record.id
            add(ModelConversation.Version(id: id, ord: entry.ord, content: edit.content.bytes))
        }
        return ReferenceModel.verdict(reasons)
    }

    mutating func withdraw(_ version: CommandID) -> ReferenceModel.Verdict {
        guard let index = versions.firstIndex(where: { $0.id == version }) else { return .rejected("notFound") }
        if versions[index].isWithdrawn { return .accepted }
        if versions.count(where: { !$0.isWithdrawn }) == 1 { return .rejected("lastVersion") }
        versions[index].isWithdrawn = true
        return .accepted
    }

    mutating func react(_ react: React, _ entry: ModelConversation.Entry) -> ReferenceModel.Verdict {
        if !entry.isInside { return .rejected("notParticipant") }
        if tombstone != nil { return .accepted }
        var kinds: [[UInt8]] = []
        for reaction in reactions where reaction.on && !kinds.contains(reaction.reaction) {
            kinds.append(reaction.reaction)
        }
        if react.on && !kinds.contains(react.reaction) && kinds.count >= 32 { return .rejected("tooMany") }
        reactions.removeAll { $0.member == entry.actor && $0.reaction == react.reaction }
        reactions.append(
            ModelConversation.Reaction(
                member: entry.actor, reaction: react.reaction, on: react.on, ord: entry.ord))
        return .accepted
    }
}
