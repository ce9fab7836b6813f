import Messaging

/// A member's own commands, judged once each (SEMANTICS section B): what they mean is worked out at the end.
struct ModelMember {
    struct Entry {
        var record: Record
        /// Its member ord.
        var ord: Int64
        /// By which registers compare it: of a legacy record its source version.
        var registerOrd: Int64 { record.origin == .legacy ? record.sourceVersion ?? ord : ord }
    }
    var lastOrd: Int64?
    /// Those that are no copies, in order.
    var judged: [Entry] = []

    /// The last read of each conversation, and everything that is no read, is remembered; older reads are not.
    mutating func take(_ logged: LoggedRecord) {
        let ord = lastOrd.map { max(logged.appendTime, $0 + 1) } ?? logged.appendTime
        lastOrd = ord
        for (index, known) in judged.enumerated() where known.record.id == logged.record.id {
            guard known.record.command.isRead else { return }
            let wasForgotten = judged[(index + 1)...].contains {
                $0.record.conversation == known.record.conversation && $0.record.command.isRead
            }
            if !wasForgotten { return }
        }
        judged.append(Entry(record: logged.record, ord: ord))
    }

    func commands(in conversation: ConversationID) -> [Entry] {
        judged.filter { $0.record.conversation == conversation }
    }
}

/// A member's row of a conversation, worked out from both sides' commands.
struct ModelRow {
    var readPrivate: Int64 = 0
    var readPublic: Int64 = -1
    var ownLast: Int64 = 0
    var lastRead: Int64 = 0
    var lastReadID: CommandID?
    var marked: Int64 = 0
    var isMuted = false
    var mutedOrd: Int64 = 0
    var archivedUpTo: Int64?
    var archivedOrd: Int64 = 0
    var joined: Int64?
    var left: Int64?
    var lastSeenSend: Int64 = 0
    /// 1 inside a big conversation, else 2 in a mailbox of at most 128 conversations ever joined, else 0.
    var placement: Int64 = 0
    var unread = 0
    /// Copies in the legacy system that are flagged unread, with no later read that reaches them.
    var unreadFlags: Int64 = 0
    /// Whether anything was ever done that leaves a row.
    var exists = false

    /// Rule 26.
    var activity: Int64 { max(lastSeenSend, joined ?? 0) }
    /// Rule 24.
    var isArchived: Bool { archivedUpTo.map { isMuted || $0 >= activity } ?? false }

    init(
        _ member: MemberID, commands: [ModelMember.Entry], in conversation: ModelConversation?, everJoined: Int
    ) {
        for entry in commands { take(entry, conversation) }
        unreadFlags = Int64(ModelMarks.all(commands, conversation).values.count { $0.flag == false })
        guard let conversation else { return }
        let own = conversation.intervals.filter { $0.member == member }
        if let open = own.first(where: { $0.left == nil }) {
            (joined, exists) = (open.joined, true)
        } else if !own.isEmpty {
            (joined, left, exists) = (own.map(\.joined).max(), own.compactMap(\.left).max(), true)
        }
        if joined != nil { placement = everJoined > 128 ? 0 : 2 }
        if conversation.isBig && conversation.isInside(member) { placement = 1 }
        for message in conversation.messages {
            if message.sender == member { (exists, ownLast) = (true, max(ownLast, message.ord)) }
            if conversation.wasInside(member, at: message.ord) { lastSeenSend = max(lastSeenSend, message.ord) }
        }
        let marker = max(readPrivate, readPublic, ownLast)
        let marks = ModelMarks.all(commands, conversation)
        for message in conversation.messages {
            let mark = marks[message.id]
            let isRead = mark?.flag ?? (message.ord <= marker)
            let counts = message.tombstone == nil && message.sender != member && mark?.hidden?.on != true && !isRead
            if counts && conversation.wasInside(member, at: message.ord) { unread += 1 }
        }
    }

    private mutating func take(_ entry: ModelMember.Entry, _ conversation: ModelConversation?) {
        switch entry.record.command {
        case .read(let read):
            exists = true
            (lastRead, lastReadID) = (entry.ord, entry.record.id)
            guard let upTo = ModelRow.ord(read.upTo, conversation) else { return }
            if read.isPrivate { readPrivate = max(readPrivate, upTo) } else { readPublic = max(readPublic, upTo) }
        case .markUnread: (exists, marked) = (true, entry.ord)
        case .mute(let mute):
            exists = true
            let (on, ord) = (mute.on, entry.registerOrd)
            if ord > mutedOrd || ord == mutedOrd && on { (isMuted, mutedOrd) = (on, ord) }
        case .copyState: exists = true
        case .archive(let archive):
            let upTo = archive.upTo.map { ModelRow.ord($0, conversation) }
            if case .some(nil) = upTo { return }
            exists = true
            let (reach, ord) = (upTo ?? nil, entry.registerOrd)
            if ord > archivedOrd || ord == archivedOrd && reach ?? .min > archivedUpTo ?? .min {
                (archivedUpTo, archivedOrd) = (reach, ord)
            }
        default: break
        }
    }

    /// `nil` while the message is not known.
    static func ord(_ upTo: UpTo, _ conversation: ModelConversation?) -> Int64? {
        switch upTo {
        case .ord(let ord): ord
        case .message(let message): conversation?.message(message)?.ord
        }
    }
}

extension Command {
    var isRead: Bool { if case .read = self { true } else { false } }

    /// The message it waits for while that is unknown, and the number of what it does then.
    var waitsFor: (message: MessageID, effect: Int64)? {
        switch self {
        case .read(let read):
            if case .message(let message) = read.upTo { (message, read.isPrivate ? 1 : 0) } else { nil }
        case .archive(let archive): if case .message(let message)? = archive.upTo { (message, 2) } else { nil }
        default: nil
        }
    }
}
