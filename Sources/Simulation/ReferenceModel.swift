public import Messaging

/// What both views must hold after a history, computed from the written rules alone, the plainest way: lists that are
/// searched from end to end. It shares nothing with the folds but what a record is.
///
/// Records of `conversation-commands` are judged one by one. Personal commands are looked at when all of them are
/// known: how the two topics interleave must not matter, so the model does not know it.
public struct ReferenceModel {
    /// What became of a record at its place.
    public enum Verdict: Hashable, Sendable {
        case accepted
        case duplicate
        case orphaned
        /// With one of ``reasons``.
        case rejected(String)
    }

    /// In the order in which they are reported when several hold.
    public static let reasons = [
        "exists", "duplicateConflict", "tooLarge", "notParticipant", "notAllowed", "closed", "deleted", "notFound",
        "lastVersion", "versionConflict", "tooMany",
    ]

    var conversations: [ConversationID: ModelConversation] = [:]
    var members: [MemberID: ModelMember] = [:]
    /// What became of the records of `conversation-commands`, in the order given.
    public private(set) var verdicts: [Verdict] = []

    /// - Parameter records: of both topics, those of each partition in their order.
    public init(_ records: [LoggedRecord]) {
        for logged in records {
            let record = logged.record
            if record.command.isPersonal {
                members[record.actor, default: ModelMember()].take(logged)
            } else {
                verdicts.append(conversations[record.conversation, default: ModelConversation()].take(logged))
            }
        }
    }

    /// The commands that waited and were refused when their message arrived.
    public var lateRejections: [(name: String, reason: String)] {
        conversations.values.flatMap(\.rejections).filter(\.isLate).map {
            ($0.entry.logged.record.command.name, $0.reason)
        }
    }

    /// The first of the reasons that hold, or `accepted` when none does.
    static func verdict(_ holding: [String]) -> Verdict {
        reasons.first(where: holding.contains).map { .rejected($0) } ?? .accepted
    }
}

/// A conversation as the rules of section A leave it.
struct ModelConversation {
    struct Interval {
        var member: MemberID
        var joined: Int64
        var left: Int64?
        var isModerator: Bool
    }
    struct Version {
        var id: CommandID
        var ord: Int64
        var content: [UInt8]
        var isWithdrawn = false
        /// Of a legacy edit: the highest source version of a copy, and the digest of what that says.
        var sourceVersion: Int64?
        var digest: PayloadDigest?
    }
    struct Reaction {
        var member: MemberID
        var reaction: [UInt8]
        var on: Bool
        var ord: Int64
    }
    struct Message {
        var id: MessageID
        var ord: Int64
        var sender: MemberID
        var send: Send
        /// The original first, then the edits in the order of their ords.
        var versions: [Version]
        var tombstone: (by: MemberID, ord: Int64, reason: [UInt8]?)?
        var reactions: [Reaction] = []
        /// Of a legacy message: the highest source version of a copy that told what was sent.
        var sourceVersion: Int64?
        var isDisputed = false
    }
    /// A record with what was true of its actor at its ord.
    struct Entry {
        var logged: LoggedRecord
        var ord: Int64
        var isInside: Bool
        var isModerator: Bool
        var actor: MemberID { logged.record.actor }
        /// Of a legacy record.
        var version: Int64? { logged.record.origin == .legacy ? logged.record.sourceVersion : nil }
    }

    var lastOrd: Int64?
    var isGroup: Bool?
    var showsAll = false
    var isClosed = false
    var title: (bytes: [UInt8], author: MemberID, command: CommandID, ord: Int64)?
    /// Who made it in the legacy system.
    var founder: MemberID?
    var intervals: [Interval] = []
    var messages: [Message] = []
    var waiting: [(target: MessageID, entry: Entry)] = []
    var judged: [CommandID] = []
    var rejections: [(entry: Entry, reason: String, isLate: Bool)] = []
    var isBig = false

    var inside: [MemberID] { intervals.filter { $0.left == nil }.map(\.member) }
    func isInside(_ member: MemberID) -> Bool { inside.contains(member) }
    func isModerator(_ member: MemberID) -> Bool {
        intervals.contains { $0.member == member && $0.left == nil && $0.isModerator }
    }
    func wasInside(_ member: MemberID, at ord: Int64) -> Bool {
        intervals.contains { $0.member == member && $0.joined <= ord && ord < $0.left ?? .max }
    }
    func message(_ id: MessageID) -> Message? { messages.first { $0.id == id } }

    /// Gives the record its ord, judges it once, and notes a rejection.
    mutating func take(_ logged: LoggedRecord) -> ReferenceModel.Verdict {
        let record = logged.record
        let ord = lastOrd.map { max(logged.appendTime, $0 + 1) } ?? logged.appendTime
        lastOrd = ord
        let entry = Entry(
            logged: logged, ord: ord, isInside: isInside(record.actor), isModerator: isModerator(record.actor))
        if judged.contains(record.id) {
            if entry.version != nil { mergeCopy(entry) }
            return .duplicate
        }
        judged.append(record.id)
        let verdict = entry.version == nil ? judge(record.command, entry) : judgeLegacy(record.command, entry)
        note(verdict, entry, isLate: false)
        if verdict == .accepted, case .send(let send) = record.command { judgeWaiting(for: send.message) }
        return verdict
    }

    private mutating func note(_ verdict: ReferenceModel.Verdict, _ entry: Entry, isLate: Bool) {
        if case .rejected(let reason) = verdict { rejections.append((entry, reason, isLate)) }
    }

    private mutating func judge(_ command: Command, _ entry: Entry) -> ReferenceModel.Verdict {
        switch command {
        case .createConversation(let create): self.create(create, entry)
        case .send(let send): self.send(send, entry)
        case .edit(let edit): target(edit.message, size: edit.content.bytes.count, entry)
        case .delete(let delete): target(delete.message, size: 0, entry)
        case .react(let react): target(react.message, size: 0, entry)
        case .addParticipants(let add): self.add(add.members, entry)
        case .removeParticipant(let remove): self.remove(remove.member, entry)
        case .setModerator(let set): setModerator(set, entry)
        case .rename(let rename): self.rename(rename.title, entry)
        case .close(let close): self.close(close.on, entry)
        case .stay: preconditionFailure("what legacy systems alone say")
        case .read, .markUnread, .star, .hide, .archive, .mute, .copyState: preconditionFailure("a personal command")
        }
    }

    /// Rule 5: judged when the message arrives, in the order of their positions.
    private mutating func judgeWaiting(for message: MessageID) {
        let due = waiting.filter { $0.target == message }.map(\.entry)
        waiting.removeAll { $0.target == message }
        for entry in due.sorted(by: { $0.ord < $1.ord }) { note(judgeOnMessage(message, entry), entry, isLate: true) }
    }

    private mutating func target(_ message: MessageID, size: Int, _ entry: Entry) -> ReferenceModel.Verdict {
        if size > Limits.contentBytes + 1024 { return .rejected("tooLarge") }
        if isGroup == nil { return .rejected("notParticipant") }
        if self.message(message) != nil { return judgeOnMessage(message, entry) }
        if waiting.count >= 10_000 { return .rejected("tooMany") }
        waiting.append((message, entry))
        return .orphaned
    }
}
