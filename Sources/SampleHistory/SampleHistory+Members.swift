import Messaging

/// Commands about one member's own view, and about who is inside.
extension SampleHistory {
    // MARK: - One's own view

    mutating func read(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        guard let newest = conversations[index].messages.last else { return false }
        var line = line("read", newCommand(), by: actor, in: index)
        if dice.chance(inThousand: 20) {
            // An ord of the history's own time lies far behind the log's clock.
            line.add("upTo", clock.milliseconds * 1000)
        } else {
            let target = dice.chance(inThousand: 700) ? newest : dice.pick(conversations[index].messages)
            line.add("upToMessage", target.id.value)
        }
        if dice.chance(inThousand: 100) { line.add("private", true) }
        line.appendFinished(to: &output)
        return true
    }

    mutating func mark(_ command: StaticString, by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        guard !conversations[index].messages.isEmpty else { return false }
        var line = line(command, newCommand(), by: actor, in: index)
        line.add("message", dice.pick(conversations[index].messages).id.value)
        line.add("on", dice.chance(inThousand: 850))
        line.appendFinished(to: &output)
        return true
    }

    mutating func archive(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        guard let newest = conversations[index].messages.last else { return false }
        let on = dice.chance(inThousand: 750)
        var line = line("archive", newCommand(), by: actor, in: index)
        line.add("on", on)
        if on { line.add("upToMessage", newest.id.value) }
        line.appendFinished(to: &output)
        return true
    }

    mutating func mute(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        var line = line("mute", newCommand(), by: actor, in: index)
        line.add("on", dice.chance(inThousand: 700))
        line.appendFinished(to: &output)
        return true
    }

    mutating func markUnread(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        line("markUnread", newCommand(), by: actor, in: index).appendFinished(to: &output)
        return true
    }

    // MARK: - Groups

    mutating func changeMembers(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        guard isChangeable(index) else { return false }
        if conversations[index].members.count < 4 || dice.chance(inThousand: 600) {
            let joining = dice.below(members.count)
            guard !conversations[index].members.contains(joining) else { return false }
            conversations[index].members.append(joining)
            var line = line("addParticipants", newCommand(), by: actor, in: index)
            line.add("members", [members[joining].value])
            line.appendFinished(to: &output)
            return true
        }
        let isModerator = conversations[index].moderators.contains(actor)
        let leaving = isModerator ? dice.pick(conversations[index].members) : actor
        conversations[index].members.removeAll { $0 == leaving }
        conversations[index].moderators.removeAll { $0 == leaving }
        var line = line("removeParticipant", newCommand(), by: actor, in: index)
        line.add("member", members[leaving].value)
        line.appendFinished(to: &output)
        return true
    }

    mutating func rename(by actor: Int, in index: Int, _ output: inout [UInt8]) -> Bool {
        guard !conversations[index].isDirect else { return false }
        var line = line("rename", newCommand(), by: actor, in: index)
        line.add("title", sentences.title(&dice))
        line.appendFinished(to: &output)
        return true
    }

    mutating func nameModerator(in index: Int, _ output: inout [UInt8]) -> Bool {
        guard isChangeable(index), let moderator = conversations[index].moderators.first else { return false }
        let named = dice.pick(conversations[index].members)
        guard !conversations[index].moderators.contains(named) else { return false }
        conversations[index].moderators.append(named)
        var line = line("setModerator", newCommand(), by: moderator, in: index)
        line.add("member", members[named].value)
        line.add("on", true)
        line.appendFinished(to: &output)
        return true
    }

    mutating func close(in index: Int, _ output: inout [UInt8]) -> Bool {
        guard isChangeable(index), !conversations[index].moderators.isEmpty else { return false }
        setClosed(true, in: index, &output)
        return true
    }

    /// - Precondition: the conversation has a moderator.
    mutating func setClosed(_ isClosed: Bool, in index: Int, _ output: inout [UInt8]) {
        conversations[index].isClosed = isClosed
        var line = line("close", newCommand(), by: conversations[index].moderators[0], in: index)
        line.add("on", isClosed)
        line.appendFinished(to: &output)
    }

    private func isChangeable(_ index: Int) -> Bool {
        !conversations[index].isDirect && !conversations[index].isKept
    }
}
