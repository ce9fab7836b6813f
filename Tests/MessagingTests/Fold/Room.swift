import Messaging

let ann = MemberID(Identifier(high: 0xa, low: 1))
let bob = MemberID(Identifier(high: 0xa, low: 2))
let cat = MemberID(Identifier(high: 0xa, low: 3))
let dan = MemberID(Identifier(high: 0xa, low: 4))
let room = ConversationID(Identifier(high: 0xc, low: 1))
let otherRoom = ConversationID(Identifier(high: 0xc, low: 2))

/// A message, by number.
func message(_ number: UInt64) -> MessageID { MessageID(Identifier(high: 0xe, low: number)) }
/// A command id, by number; numbers up to 999 are for tests, greater ones for commands whose id does not matter.
func command(_ number: UInt64) -> CommandID { CommandID(Identifier(high: 0xd, low: number)) }

extension MemberID {
    static func numbered(_ number: UInt64) -> MemberID { MemberID(Identifier(high: 0xb, low: number)) }
}

extension Command {
    static func create(_ participants: MemberID..., history: History = .fromJoin) -> Command {
        .createConversation(CreateConversation(participants: participants, title: nil, history: history))
    }

    /// A message whose payload digest follows from its text.
    static func send(_ number: UInt64, _ text: String = "text", direct: MemberID? = nil, replyTo: MessageID? = nil)
        -> Command
    {
        let digest = text.utf8.reduce(UInt64(7)) { $0 &* 31 &+ UInt64($1) }
        return .send(
            Send(
                message: message(number), clientToken: [], content: Sealed(Array(text.utf8)),
                digest: PayloadDigest(Identifier(high: replyTo?.value.low ?? 0, low: digest)), replyTo: replyTo,
                sentAt: nil, direct: direct))
    }

    static func edit(_ number: UInt64, _ text: String = "edited", expected: CommandID? = nil) -> Command {
        .edit(Edit(message: message(number), content: Sealed(Array(text.utf8)), expectedVersion: expected))
    }

    static func delete(_ number: UInt64, reason: String? = nil) -> Command {
        .delete(Delete(message: message(number), version: nil, reason: reason.map { Array($0.utf8) }))
    }

    static func withdraw(_ version: CommandID, of number: UInt64) -> Command {
        .delete(Delete(message: message(number), version: version, reason: nil))
    }

    static func react(_ number: UInt64, _ reaction: String = "+1", on: Bool = true) -> Command {
        .react(React(message: message(number), reaction: Array(reaction.utf8), on: on))
    }

    static func add(_ members: MemberID...) -> Command { .addParticipants(AddParticipants(members: members)) }
    static func remove(_ member: MemberID) -> Command { .removeParticipant(RemoveParticipant(member: member)) }
    static func moderator(_ member: MemberID, _ on: Bool = true) -> Command {
        .setModerator(SetModerator(member: member, on: on))
    }
    static func rename(_ title: String) -> Command { .rename(Rename(title: Sealed(Array(title.utf8)))) }
    static func close(_ on: Bool = true) -> Command { .close(Close(on: on)) }

    static func read(_ upTo: Int64, isPrivate: Bool = false) -> Command {
        .read(Read(upTo: .ord(upTo), isPrivate: isPrivate))
    }
    static func read(message number: UInt64, isPrivate: Bool = false) -> Command {
        .read(Read(upTo: .message(message(number)), isPrivate: isPrivate))
    }
    static func archive(_ upTo: Int64?) -> Command { .archive(Archive(upTo: upTo.map { .ord($0) })) }
    static func archive(message number: UInt64) -> Command { .archive(Archive(upTo: .message(message(number)))) }
    static func mute(_ on: Bool = true) -> Command { .mute(Mute(on: on)) }
    static func star(_ number: UInt64, _ on: Bool = true) -> Command { .star(Mark(message: message(number), on: on)) }
    static func hide(_ number: UInt64, _ on: Bool = true) -> Command { .hide(Mark(message: message(number), on: on)) }
}

/// The conversation fold in memory, from nothing: everything it names is absent at first and stays within one batch.
struct Room {
    var fold = ConversationFold(scope: .shared)
    /// The append time of the last record; its ord, too, unless a test turned the clock back.
    private(set) var now: Int64 = 1_000
    private var records: Int64 = 0

    /// A room in which these are, and the first is moderator; `nil` for none.
    init(_ members: MemberID?..., history: History = .fromJoin) {
        let members = members.compactMap { $0 }
        guard let first = members.first else { return }
        did(
            first,
            .createConversation(
                CreateConversation(participants: Array(members.dropFirst()), title: nil, history: history)))
    }

    /// Applies a command ten microseconds after the last one, or at a time.
    @discardableResult
    mutating func did(
        _ actor: MemberID, _ what: Command, id: CommandID? = nil, in conversation: ConversationID = room,
        at time: Int64? = nil
    ) -> Outcome {
        apply(actor, what, id, conversation, version: nil, at: time)
    }

    /// Applies what a legacy system says, as one of its writes did.
    @discardableResult
    mutating func legacy(_ actor: MemberID, _ what: Command, id: CommandID? = nil, version: Int64) -> Outcome {
        apply(actor, what, id, room, version: version, at: nil)
    }

    private mutating func apply(
        _ actor: MemberID, _ what: Command, _ id: CommandID?, _ conversation: ConversationID, version: Int64?,
        at time: Int64?
    ) -> Outcome {
        now = time ?? now + 10
        records += 1
        let record = Record(
            id: id ?? command(1_000 + UInt64(records)), actor: actor, conversation: conversation, command: what,
            origin: version == nil ? .native : .legacy, sourceVersion: version)
        let logged = LoggedRecord(record: record, partition: 0, offset: records - 1, appendTime: now)
        for key in fold.staysToLoad(for: ConversationNeeds([logged])) { fold.load(key, intervals: fold.known(key)) }
        return fold.apply(logged)
    }

    var row: ConversationRow { fold.row(of: room) ?? ConversationRow() }
    var title: String? { row.title.map { String(decoding: $0.sealed.bytes, as: UTF8.self) } }
    var rejections: [RejectionReason] { fold.changes.rejections.map(\.reason) }

    func message(_ number: UInt64, in conversation: ConversationID = room) -> MessageRow? {
        var found: MessageRow?
        fold.forEachMessage { key, row, _ in
            if key == ConversationMessage(conversation, MessagingTests.message(number)) { found = row }
        }
        return found
    }

    func content(_ number: UInt64) -> String? {
        message(number)?.content.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Of the edits of a message, oldest first.
    func versions(_ number: UInt64, in conversation: ConversationID = room) -> [VersionRow] {
        var found: [VersionRow] = []
        fold.forEachNewVersion { key, row in
            if key == ConversationMessage(conversation, MessagingTests.message(number)) { found.append(row) }
        }
        return found.sorted { $0.ord < $1.ord }
    }

    /// Who has which reaction on, as `member/reaction`, sorted.
    func reactions(_ number: UInt64) -> [String] {
        var found: [String] = []
        fold.forEachReaction { key, row in
            guard key.target.message == MessagingTests.message(number), row.on else { return }
            found.append("\(key.member.value.low)/\(String(decoding: key.reaction, as: UTF8.self))")
        }
        return found.sorted()
    }

    func intervals(_ member: MemberID) -> [MembershipInterval] {
        var found: [MembershipInterval] = []
        fold.forEachInterval { key, interval, _ in
            if key == ConversationMember(room, member) { found.append(interval) }
        }
        return found
    }

    func isInside(_ member: MemberID) -> Bool { intervals(member).last.map { $0.left == nil } ?? false }
    func isModerator(_ member: MemberID) -> Bool { intervals(member).last?.isModerator ?? false }

    /// How many commands wait, as they would be stored.
    var waiting: Int {
        var count = 0
        fold.forEachNewWaiting { _, _ in count += 1 }
        return count
    }
}

extension ConversationFold {
    /// The intervals that came in this batch, oldest first.
    func known(_ member: ConversationMember) -> [MembershipInterval] {
        var found: [MembershipInterval] = []
        forEachInterval { key, interval, _ in if key == member { found.append(interval) } }
        return found.sorted { $0.joined < $1.joined }
    }
}
