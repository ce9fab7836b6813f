import Messaging

/// Rules 1, 2, 13, 15 and 16: what changes a conversation itself.
extension ModelConversation {
    mutating func create(_ create: CreateConversation, _ entry: Entry) -> ReferenceModel.Verdict {
        var members = [entry.actor]
        for member in create.participants where !members.contains(member) { members.append(member) }
        var reasons: [String] = []
        if isGroup != nil { reasons.append("exists") }
        if let title = create.title, title.bytes.count > 2 * 1024 { reasons.append("tooLarge") }
        if members.count > 5_000 { reasons.append("tooMany") }
        guard reasons.isEmpty else { return ReferenceModel.verdict(reasons) }
        isGroup = true
        showsAll = create.history == .all
        if let title = create.title { setTitle(title, entry) }
        join(members, entry)
        intervals[0].isModerator = true
        return .accepted
    }

    mutating func send(_ send: Send, _ entry: Entry) -> ReferenceModel.Verdict {
        if let known = message(send.message) {
            return known.send.digest == send.digest ? .duplicate : .rejected("duplicateConflict")
        }
        var reasons: [String] = []
        if send.content.bytes.count > Limits.contentBytes + 1024 { reasons.append("tooLarge") }
        let isFirst = isGroup == nil && send.direct != nil && send.direct != entry.actor
        if !isFirst {
            // With a member it is for a direct conversation of these two; without, for any that is there.
            let isWrongPlace = send.direct.map { isGroup != false || !isInside($0) } ?? (isGroup == nil)
            if isWrongPlace || !entry.isInside { reasons.append("notParticipant") }
            if isClosed { reasons.append("closed") }
        }
        guard reasons.isEmpty else { return ReferenceModel.verdict(reasons) }
        if isFirst, let other = send.direct {
            isGroup = false
            join([entry.actor, other], entry)
        }
        let original = Version(id: entry.logged.record.id, ord: entry.ord, content: send.content.bytes)
        messages.append(
            Message(id: send.message, ord: entry.ord, sender: entry.actor, send: send, versions: [original]))
        return .accepted
    }

    mutating func add(_ members: [MemberID], _ entry: Entry) -> ReferenceModel.Verdict {
        var joining: [MemberID] = []
        for member in members where !isInside(member) && !joining.contains(member) { joining.append(member) }
        var reasons = reasonsAgainst(entry, needsModerator: false)
        if inside.count + joining.count > 5_000 { reasons.append("tooMany") }
        if reasons.isEmpty { join(joining, entry) }
        return ReferenceModel.verdict(reasons)
    }

    mutating func remove(_ member: MemberID, _ entry: Entry) -> ReferenceModel.Verdict {
        var reasons: [String] = []
        if member != entry.actor {
            reasons = reasonsAgainst(entry, needsModerator: true)
        } else if isGroup != true {
            reasons = [isGroup == nil ? "notParticipant" : "notAllowed"]
        }
        if reasons.isEmpty, let index = intervals.firstIndex(where: { $0.member == member && $0.left == nil }) {
            intervals[index].left = max(entry.ord, intervals[index].joined)
            intervals[index].isModerator = false
            if inside.count < 48 { isBig = false }
        }
        return ReferenceModel.verdict(reasons)
    }

    mutating func setModerator(_ set: SetModerator, _ entry: Entry) -> ReferenceModel.Verdict {
        var reasons = reasonsAgainst(entry, needsModerator: true)
        if !isInside(set.member) { reasons.append("notParticipant") }
        if reasons.isEmpty, let index = intervals.firstIndex(where: { $0.member == set.member && $0.left == nil }) {
            intervals[index].isModerator = set.on
        }
        return ReferenceModel.verdict(reasons)
    }

    mutating func rename(_ sealed: Sealed, _ entry: Entry) -> ReferenceModel.Verdict {
        var reasons = reasonsAgainst(entry, needsModerator: false)
        if sealed.bytes.count > 2 * 1024 { reasons.append("tooLarge") }
        if reasons.isEmpty { setTitle(sealed, entry) }
        return ReferenceModel.verdict(reasons)
    }

    mutating func close(_ on: Bool, _ entry: Entry) -> ReferenceModel.Verdict {
        let reasons = reasonsAgainst(entry, needsModerator: true)
        if reasons.isEmpty { isClosed = on }
        return ReferenceModel.verdict(reasons)
    }

    private func reasonsAgainst(_ entry: Entry, needsModerator: Bool) -> [String] {
        var reasons: [String] = []
        if isGroup == nil || !entry.isInside { reasons.append("notParticipant") }
        if isGroup == false || (needsModerator && !entry.isModerator) { reasons.append("notAllowed") }
        return reasons
    }

    private mutating func join(_ members: [MemberID], _ entry: Entry) {
        for member in members {
            var joined = entry.ord
            while intervals.contains(where: { $0.member == member && $0.joined == joined }) { joined += 1 }
            intervals.append(Interval(member: member, joined: joined, left: nil, isModerator: false))
        }
        if inside.count > 64 { isBig = true }
    }
}
