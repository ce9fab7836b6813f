import Messaging

/// What happens between the opening and the closing scene: a conversation is chosen, and something is done in it.
extension SampleHistory {
    /// What may be done, and how often in a thousand.
    private enum Deed: CaseIterable {
        case send, read, react, edit, delete, archive, star, membership, mute, markUnread, rename, hide, withdraw
        case moderate, close

        var inThousand: Int {
            switch self {
            case .send: 530
            case .read: 240
            case .react: 70
            case .edit: 60
            case .delete: 20
            case .archive: 18
            case .star: 14
            case .membership: 14
            case .mute: 8
            case .markUnread: 7
            case .rename: 7
            case .hide: 5
            case .withdraw: 3
            case .moderate: 2
            case .close: 2
            }
        }
    }

    mutating func everyday(_ output: inout [UInt8]) {
        let conversationsLeft = plannedConversations - conversations.count
        let commandsLeft = total - Self.closingCommands - written
        // Conversations begin early and late alike, most in the first half.
        if conversationsLeft > 0, dice.below(commandsLeft) < conversationsLeft * 2 {
            if dice.chance(inThousand: 600), startDirect(&output) { return }
            startGroup(&output)
            return
        }
        let chosen = chooseConversation()
        if conversations[chosen].isClosed {
            setClosed(false, in: chosen, &output)
            return
        }
        perform(chooseDeed(), in: chosen, &output)
    }

    /// Mostly one of those begun lately, sometimes any.
    private mutating func chooseConversation() -> Int {
        let lively = min(conversations.count, 200)
        return dice.chance(inThousand: 700)
            ? conversations.count - 1 - dice.below(lively) : dice.below(conversations.count)
    }

    private mutating func chooseDeed() -> Deed {
        var rest = dice.below(1000)
        for deed in Deed.allCases {
            if rest < deed.inThousand { return deed }
            rest -= deed.inThousand
        }
        return .send
    }

    /// Does it, or sends a message when it is not possible here and now.
    private mutating func perform(_ deed: Deed, in chosen: Int, _ output: inout [UInt8]) {
        let actor = dice.pick(conversations[chosen].members)
        let done =
            switch deed {
            case .send: false
            case .read: read(by: actor, in: chosen, &output)
            case .react: react(by: actor, in: chosen, &output)
            case .edit: edit(in: chosen, &output)
            case .delete: delete(in: chosen, &output)
            case .withdraw: withdraw(in: chosen, &output)
            case .star, .hide: mark(deed == .star ? "star" : "hide", by: actor, in: chosen, &output)
            case .archive: archive(by: actor, in: chosen, &output)
            case .mute: mute(by: actor, in: chosen, &output)
            case .markUnread: markUnread(by: actor, in: chosen, &output)
            case .membership: changeMembers(by: actor, in: chosen, &output)
            case .rename: rename(by: actor, in: chosen, &output)
            case .moderate: nameModerator(in: chosen, &output)
            case .close: close(in: chosen, &output)
            }
        if !done { send(by: actor, in: chosen, &output) }
    }

    // MARK: - Beginning conversations

    /// A direct conversation of two who have none yet; `false` when chance finds no such pair.
    private mutating func startDirect(_ output: inout [UInt8]) -> Bool {
        for _ in 0..<8 {
            let (one, other) = (dice.below(members.count), dice.below(members.count))
            guard one != other, !pairs.contains(pair(one, other)) else { continue }
            startDirect(one, other, &output)
            return true
        }
        return false
    }

    private func pair(_ one: Int, _ other: Int) -> Int { min(one, other) * members.count + max(one, other) }

    mutating func startDirect(_ one: Int, _ other: Int, _ output: inout [UInt8]) {
        pairs.insert(pair(one, other))
        conversations.append(
            SampleConversation(
                id: .direct(members[one], members[other], namespace: namespace), isDirect: true, members: [one, other],
                moderators: []))
        send(by: one, in: conversations.count - 1, &output)
    }

    private mutating func startGroup(_ output: inout [UInt8]) {
        let size = dice.chance(inThousand: 25) ? 300 : min(dice.within(3...40), dice.within(3...40))
        let inside = draw(min(size, members.count))
        let id = ConversationID(.version7(milliseconds: UInt64(clock.milliseconds), random: dice.identifier()))
        conversations.append(
            SampleConversation(id: id, isDirect: false, members: inside, moderators: [inside[0]]))
        var line = line("createConversation", newCommand(), by: inside[0], in: conversations.count - 1)
        line.add("participants", inside.map { members[$0].value })
        if dice.chance(inThousand: 800) { line.add("title", sentences.title(&dice)) }
        if dice.chance(inThousand: 300) { line.add("history", "all") }
        line.appendFinished(to: &output)
    }

    /// That many different members.
    private mutating func draw(_ count: Int) -> [Int] {
        var chosen: [Int] = []
        var seen: Set<Int> = []
        while chosen.count < count {
            let member = dice.below(members.count)
            if seen.insert(member).inserted { chosen.append(member) }
        }
        return chosen
    }
}
