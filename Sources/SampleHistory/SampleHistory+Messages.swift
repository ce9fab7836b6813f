import Messaging

/// Commands about messages: sends, edits, deletes, reactions.
extension SampleHistory {
    private static let reactions = ["+1", "❤", "😂", "🎉", "👀", "-1", "👩‍🚀", "été"]
    private static let reasons = ["a mistake", "wrong group", "no longer true"]

    /// - Parameter token: the end of the client token; counted when absent.
    mutating func send(
        by sender: Int, in index: Int, _ output: inout [UInt8], token: String? = nil, replyTo: MessageID? = nil,
        mentions: [MemberID] = []
    ) {
        let id = newCommand()
        let token = "sample-\(seed)-\(token ?? String(written))"
        let conversation = conversations[index]
        var line = SampleLine(conversation.isDirect ? "sendDirect" : "send", id: id, actor: members[sender])
        if conversation.isDirect {
            let other = conversation.members[conversation.members[0] == sender ? 1 : 0]
            line.add("to", members[other].value)
        } else {
            line.add("conversation", conversation.id.value)
        }
        line.add("clientToken", token)
        addContent(to: &line, in: index, mentions: mentions)
        var target = replyTo
        if target == nil, !conversation.messages.isEmpty, dice.chance(inThousand: 200) {
            target = dice.pick(conversation.messages).id
        }
        if let target { line.add("replyTo", target.value) }
        line.add("sentAt", clock.text)
        line.appendFinished(to: &output)
        let message = MessageID.native(
            conversation: conversation.id, sender: members[sender], clientToken: Array(token.utf8))
        conversations[index].remember(.init(id: message, sender: sender, versions: [id]))
    }

    private mutating func addContent(to line: inout SampleLine, in index: Int, mentions: [MemberID] = []) {
        var mentions = mentions
        if mentions.isEmpty, !conversations[index].isDirect, dice.chance(inThousand: 60) {
            mentions = [members[dice.pick(conversations[index].members)]]
        }
        let attachment: (String, Int64)? =
            dice.chance(inThousand: 20) ? ("picture-\(dice.below(1000)).png", Int64(dice.below(5_000_000))) : nil
        line.addContent(sentences.body(&dice), mentions: mentions, attachment: attachment)
    }

    /// One of the remembered messages whose sender is still inside.
    private mutating func ownMessage(in index: Int) -> Int? {
        let conversation = conversations[index]
        guard !conversation.messages.isEmpty else { return nil }
        let place = dice.below(conversation.messages.count)
        return conversation.members.contains(conversation.messages[place].sender) ? place : nil
    }

    mutating func edit(in index: Int, _ output: inout [UInt8]) -> Bool {
        guard let place = ownMessage(in: index) else { return false }
        let message = conversations[index].messages[place]
        edit(message.id, by: message.sender, in: index, &output)
        return true
    }

    mutating func edit(_ message: MessageID, by sender: Int, in index: Int, _ output: inout [UInt8]) {
        let id = newCommand()
        var line = line("edit", id, by: sender, in: index)
        line.add("message", message.value)
        addContent(to: &line, in: index)
        if let place = conversations[index].messages.lastIndex(where: { $0.id == message }) {
            if dice.chance(inThousand: 200) {
                line.add("expectedVersion", conversations[index].messages[place].versions.last!.value)
            }
            conversations[index].messages[place].versions.append(id)
        }
        line.appendFinished(to: &output)
    }

    mutating func delete(in index: Int, _ output: inout [UInt8]) -> Bool {
        guard let place = ownMessage(in: index) else { return false }
        let message = conversations[index].messages.remove(at: place)
        var line = line("delete", newCommand(), by: message.sender, in: index)
        line.add("message", message.id.value)
        if dice.chance(inThousand: 500) { line.add("reason", dice.pick(Self.reasons)) }
        line.appendFinished(to: &output)
        return true
    }

    /// Takes back the current version of a message that has several.
    mutating func withdraw(in index: Int, _ output: inout [UInt8]) -> Bool {
        guard let place = ownMessage(in: index), conversations[index].messages[place].versions.count > 1 else {
            return false
        }
        let message = conversations[index].messages[place]
        conversations[index].messages[place].versions.removeLast()
        var line = line("delete", newCommand(), by: message.sender, in: index)
        line.add("message", message.id.value)
        line.add("version", message.versions.last!.value)
        line.appendFinished(to: &output)
        return true
    }

    mutating func react(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        guard !conversations[index].messages.isEmpty else { return false }
        let message = dice.pick(conversations[index].messages).id
        let on = dice.chance(inThousand: 900)
        react(to: message, with: dice.pick(Self.reactions), on: on, by: actor, in: index, &output)
        return true
    }

    mutating func react(
        to message: MessageID, with reaction: String, on: Bool = true, by actor: Int, in index: Int,
        _ output: inout [UInt8]
    ) {
        var line = line("react", newCommand(), by: actor, in: index)
        line.add("message", message.value)
        line.add("reaction", reaction)
        line.add("on", on)
        line.appendFinished(to: &output)
    }
}
