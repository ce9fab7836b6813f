import Messaging

/// Rules 35 to 38: what a legacy system says. It has judged already, and everything merges by source versions.
extension ModelConversation {
    mutating func judgeLegacy(_ command: Command, _ entry: Entry) -> ReferenceModel.Verdict {
        if isGroup == nil { isGroup = true }
        switch command {
        case .createConversation(let create):
            if let title = create.title { setTitle(title, entry) }
            found(entry.actor)
        case .rename(let rename):
            setTitle(rename.title, entry)
            found(entry.actor)
        case .stay(let stay): self.stay(stay)
        case .send(let send): return sendLegacy(send, entry)
        case .edit(let edit): return targetLegacy(edit.message, entry)
        case .delete(let delete): return targetLegacy(delete.message, entry)
        default: preconditionFailure("no legacy system says that")
        }
        return .accepted
    }

    /// One more record of a command that was judged: the copies of a message share their commands.
    mutating func mergeCopy(_ entry: Entry) {
        switch entry.logged.record.command {
        case .send(let send): mergeOriginal(send, entry)
        case .edit(let edit): mergeEdit(edit, entry)
        case .delete(let delete):
            if let index = messages.firstIndex(where: { $0.id == delete.message && $0.tombstone != nil }) {
                _ = judgeLegacyOnMessage(index, entry)
            }
        default: break
        }
    }

    /// The latest title: by its ord, a legacy one by its source version; of two of one microsecond by the command's id.
    mutating func setTitle(_ sealed: Sealed, _ entry: Entry) {
        let (id, ord) = (entry.logged.record.id, entry.version ?? entry.ord)
        if let title, (title.ord, title.command) > (ord, id) { return }
        title = (sealed.bytes, entry.actor, id, ord)
    }

    // MARK: - Memberships

    private mutating func found(_ member: MemberID) {
        guard founder == nil else { return }
        founder = member
        for index in intervals.indices where intervals[index].member == member && intervals[index].left == nil {
            intervals[index].isModerator = true
        }
    }

    /// Each begins as stated, and ends at the earliest of its stated endings and the next beginning.
    private mutating func stay(_ stay: Stay) {
        var own = intervals.filter { $0.member == stay.member }.sorted { $0.joined < $1.joined }
        if let known = own.firstIndex(where: { $0.joined == stay.joined }) {
            guard let left = stay.left, max(left, stay.joined) < own[known].left ?? .max else { return }
            own[known].left = max(left, stay.joined)
        } else {
            let left = stay.left.map { max($0, stay.joined) }
            let isModerator = left == nil && stay.member == founder
            own.append(
                Interval(member: stay.member, joined: stay.joined, left: left, isModerator: isModerator))
            own.sort { $0.joined < $1.joined }
        }
        for index in own.indices.dropLast() { own[index].left = min(own[index].left ?? .max, own[index + 1].joined) }
        for index in own.indices where own[index].left != nil { own[index].isModerator = false }
        intervals.removeAll { $0.member == stay.member }
        intervals += own
        if inside.count > 64 { isBig = true }
        if inside.count < 48 { isBig = false }
    }

    // MARK: - Messages

    private mutating func sendLegacy(_ send: Send, _ entry: Entry) -> ReferenceModel.Verdict {
        if message(send.message) != nil {
            mergeOriginal(send, entry)
            return .duplicate
        }
        let ord = send.legacyOrd ?? entry.ord
        let original = Version(id: entry.logged.record.id, ord: ord, content: send.content.bytes)
        var message = Message(id: send.message, ord: ord, sender: entry.actor, send: send, versions: [original])
        message.sourceVersion = entry.version
        messages.append(message)
        return .accepted
    }

    /// Rules 36 and 37: what was sent is what the copy with the highest version says; place and sender stay.
    private mutating func mergeOriginal(_ send: Send, _ entry: Entry) {
        guard let index = messages.firstIndex(where: { $0.id == send.message }), let version = entry.version,
            let stored = messages[index].sourceVersion
        else { return }
        let isElsewhere = send.legacyOrd != messages[index].ord || entry.actor != messages[index].sender
        let known = messages[index].send.digest
        if !isElsewhere, (version, send.digest.value) > (stored, known.value) {
            messages[index].sourceVersion = version
            if send.digest != known {
                messages[index].send = send
                messages[index].versions[0].id = entry.logged.record.id
                messages[index].versions[0].content = send.content.bytes
            }
        }
        if isElsewhere || send.digest != known && min(version, stored) > 0 { dispute(index, entry) }
    }

    private mutating func mergeEdit(_ edit: Edit, _ entry: Entry) {
        guard let index = messages.firstIndex(where: { $0.id == edit.message }), let version = entry.version,
            let digest = edit.legacy?.digest,
            let place = messages[index].versions.dropFirst().firstIndex(where: { $0.id == entry.logged.record.id })
        else { return }
        let known = messages[index].versions[place]
        guard let stored = known.sourceVersion, let old = known.digest else { return }
        if (version, digest.value) > (stored, old.value) {
            messages[index].versions[place].sourceVersion = version
            messages[index].versions[place].digest = digest
            if digest != old { messages[index].versions[place].content = edit.content.bytes }
        }
        if digest != old { dispute(index, entry) }
    }

    /// Copies that disagree are told of once a message.
    private mutating func dispute(_ index: Int, _ entry: Entry) {
        guard !messages[index].isDisputed else { return }
        messages[index].isDisputed = true
        rejections.append((entry, "versionConflict", false))
    }

    private mutating func targetLegacy(_ message: MessageID, _ entry: Entry) -> ReferenceModel.Verdict {
        guard let index = messages.firstIndex(where: { $0.id == message }) else {
            waiting.append((message, entry))
            return .orphaned
        }
        return judgeLegacyOnMessage(index, entry)
    }

    mutating func judgeLegacyOnMessage(_ index: Int, _ entry: Entry) -> ReferenceModel.Verdict {
        let id = entry.logged.record.id
        switch entry.logged.record.command {
        case .edit(let edit):
            messages[index].add(
                Version(
                    id: id, ord: edit.legacy?.ord ?? entry.ord, content: edit.content.bytes,
                    sourceVersion: entry.version, digest: edit.legacy?.digest))
        case .delete(let delete): messages[index].bury(entry.actor, entry.version ?? entry.ord, delete.reason)
        default: preconditionFailure("not about a message")
        }
        return .accepted
    }
}

extension ModelConversation.Message {
    /// The original is the oldest; the others are in the order of their ords, those of one microsecond in that of their ids.
    mutating func add(_ version: ModelConversation.Version) {
        versions.append(version)
        versions[1...].sort { ($0.ord, $0.id) < ($1.ord, $1.id) }
    }

    /// Rules 9 and 38: one tombstone, the earliest.
    mutating func bury(_ member: MemberID, _ ord: Int64, _ reason: [UInt8]?) {
        reactions = []
        if let old = tombstone {
            let isEarlier =
                (ord, member) != (old.ord, old.by)
                ? (ord, member) < (old.ord, old.by)
                : (reason ?? []).lexicographicallyPrecedes(old.reason ?? [])
            guard isEarlier else { return }
        }
        tombstone = (member, ord, reason)
    }
}
