import Messaging

/// The first commands, which make the two conversations of the closing scene, and the scene itself.
extension SampleHistory {
    static let openingCommands = 2
    static let closingCommands = 14

    mutating func opening(_ step: Int, _ output: inout [UInt8]) {
        if step == 0 {
            let size = min(members.count, 6)
            conversations.append(
                SampleConversation(
                    id: scene.conversation, isDirect: false, members: Array(0..<size), moderators: [1], isKept: true))
            var line = line("createConversation", newCommand(), by: 1, in: 0)
            line.add("participants", (0..<size).map { members[$0].value })
            line.add("title", sentences.title(&dice))
            line.appendFinished(to: &output)
        } else {
            startDirect(1, 0, &output)
            conversations[1].isKept = true
        }
    }

    /// The member of the scene is number 0; 1 edits, 2 deletes; what comes after number 0's own message is unread.
    mutating func closing(_ step: Int, _ output: inout [UInt8]) {
        switch step {
        case 0: send(by: 1, in: 0, &output, token: "edited")
        case 1, 2: edit(scene.editedMessage, by: 1, in: 0, &output)
        case 3: send(by: 2, in: 0, &output, token: "deleted")
        case 4: deleteInScene(&output)
        case 5: send(by: 0, in: 0, &output, replyTo: scene.editedMessage)
        case 6: react(to: scene.editedMessage, with: "+1", by: 0, in: 0, &output)
        case 7: react(to: scene.editedMessage, with: "❤", by: 2, in: 0, &output)
        case 8:
            var line = line("star", newCommand(), by: 0, in: 0)
            line.add("message", scene.editedMessage.value)
            line.add("on", true)
            line.appendFinished(to: &output)
        case 9, 10: send(by: 1, in: 1, &output)
        case 11: send(by: 2, in: 0, &output, mentions: [members[0]])
        case 12: send(by: 1, in: 0, &output)
        default: send(by: 2, in: 0, &output, replyTo: scene.editedMessage)
        }
    }

    private mutating func deleteInScene(_ output: inout [UInt8]) {
        conversations[0].messages.removeAll { $0.id == scene.deletedMessage }
        var line = line("delete", newCommand(), by: 2, in: 0)
        line.add("message", scene.deletedMessage.value)
        line.add("reason", "sent to the wrong group")
        line.appendFinished(to: &output)
    }
}
