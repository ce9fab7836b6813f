import Messaging

/// What a member's commands and legacy copies say of one message: each register the latest, of two of one microsecond that which
/// is on (rules 22, 23 and 37).
struct ModelMarks {
    typealias Register = (on: Bool, at: Int64)

    var star: Register?
    var hidden: Register?
    /// Read or not, by the last flag of a copy, and the message's ord.
    var flagged: Register?
    var ord: Int64 = 0
    /// What the flag decides; `nil` without one, or when it says unread and a later read reached the message.
    var flag: Bool?

    /// Of every message of a conversation that was ever marked.
    static func all(_ commands: [ModelMember.Entry], _ conversation: ModelConversation?) -> [MessageID: ModelMarks] {
        var marks: [MessageID: ModelMarks] = [:]
        for entry in commands {
            let at = entry.registerOrd
            switch entry.record.command {
            case .star(let mark): latest(&marks[mark.message, default: ModelMarks()].star, mark.on, at)
            case .hide(let mark): latest(&marks[mark.message, default: ModelMarks()].hidden, mark.on, at)
            case .copyState(let state):
                var mark = marks[state.message] ?? ModelMarks()
                latest(&mark.star, state.isStarred, at)
                latest(&mark.hidden, state.isHidden, at)
                if let isRead = state.isRead {
                    latest(&mark.flagged, isRead, at)
                    mark.ord = state.ord
                }
                marks[state.message] = mark
            default: break
            }
        }
        for message in marks.keys { marks[message]!.decide(commands, conversation) }
        return marks
    }

    private static func latest(_ register: inout Register?, _ on: Bool, _ at: Int64) {
        if let known = register, (known.at, known.on ? 1 : 0) >= (at, on ? 1 : 0) { return }
        register = (on, at)
    }

    private mutating func decide(_ commands: [ModelMember.Entry], _ conversation: ModelConversation?) {
        guard let flagged else { return }
        let isOverruled = commands.contains { entry in
            guard case .read(let read) = entry.record.command, entry.ord > flagged.at else { return false }
            return ModelRow.ord(read.upTo, conversation).map { $0 >= ord } ?? false
        }
        flag = !flagged.on && isOverruled ? nil : flagged.on
    }
}
