import Messaging
import Simulation

/// What a legacy system says of one conversation, among commands of Parley's own that nothing it says can change: those of
/// two members who are there from the start, and everybody's reads, stars and archives.
///
/// Whatever order the legacy records come in, the views must end alike. Of a wild history the legacy system says something of
/// those two as well, so that its order matters; its batches must not.
struct MixedHistory {
    static let room = ConversationID(Identifier(high: 0xc, low: 9))
    /// Of Parley's own time a command a millisecond; what the legacy system says has any time about it.
    static let start: Int64 = 1_700_000_000_000_000
    private static let step: Int64 = 1_000

    private var dice: Dice
    private var records: UInt64 = 0
    private let people = (1...5).map { MemberID(Identifier(high: 0xa, low: $0)) }
    private(set) var native: [(record: Record, time: Int64)] = []
    /// The records of one write stand together.
    private(set) var legacy: [[Record]] = []

    private let isWild: Bool
    /// Versions at the very microseconds of Parley's own commands, each given once: a store gives none twice.
    private var equalVersions: [Int64]

    init(seed: UInt64, isWild: Bool = false) {
        self.isWild = isWild
        dice = Dice(seed: seed)
        let native = 6 + dice.below(12)
        equalVersions = (1...native).map { Self.start + Int64($0) * Self.step }.shuffled(using: &dice)
        addNative(
            people[0],
            .createConversation(CreateConversation(participants: [people[1]], title: nil, history: .fromJoin)))
        for _ in 0..<native { addNative() }
        for _ in 0..<8 + dice.below(24) { addLegacy() }
    }

    /// The records in one of their orders: Parley's own keep theirs, and their times.
    func logged(using dice: inout Dice) -> [LoggedRecord] {
        var waiting = legacy.shuffled(using: &dice)
        if dice.chance(1, in: 2) { waiting += waiting.shuffled(using: &dice).prefix(waiting.count / 2) }
        var order: [(record: Record, time: Int64)] = []
        for (index, own) in native.enumerated() {
            order.append(own)
            let count = index == native.count - 1 ? waiting.count : min(waiting.count, dice.below(6))
            for number in 0..<count {
                for record in waiting.removeLast() { order.append((record, own.time + 1 + Int64(number))) }
            }
        }
        var offsets: [Bool: [Int32: Int64]] = [:]
        return order.map { record, time in
            let isPersonal = record.command.isPersonal
            let partition = isPersonal ? Int32(record.actor.value.low % 3) : 0
            let offset = offsets[isPersonal, default: [:]][partition, default: 0]
            offsets[isPersonal, default: [:]][partition] = offset + 1
            return LoggedRecord(record: record, partition: partition, offset: offset, appendTime: time)
        }
    }

    // MARK: - Parley's own

    private mutating func addNative() {
        let member = dice.pick(people)
        let (ada, bob) = (people[0], people[1])
        switch dice.below(isWild ? 17 : 13) {
        case 0...2: addNative(ada, .send(message(dice.below(4) + 100)))
        case 3: addNative(bob, .removeParticipant(RemoveParticipant(member: bob)))
        case 4: addNative(ada, .addParticipants(AddParticipants(members: [bob])))
        case 5: addNative(ada, .rename(Rename(title: Sealed([UInt8(dice.below(200))]))))
        case 6...9:
            addNative(
                member,
                .read(
                    Read(upTo: dice.chance(1, in: 3) ? .message(id(legacyMessage())) : .ord(time()), isPrivate: false)))
        case 10: addNative(member, .star(Mark(message: id(legacyMessage()), on: dice.chance(1, in: 2))))
        case 11: addNative(member, archive())
        case 12:
            let text = Sealed([UInt8(dice.below(200))])
            addNative(ada, .edit(Edit(message: id(Self.undeleted), content: text, expectedVersion: nil)))
        case 13: addNative(ada, .setModerator(SetModerator(member: bob, on: dice.chance(2, in: 3))))
        case 14: addNative(member, .send(message(dice.below(4) + 200)))
        default: addNative(ada, .addParticipants(AddParticipants(members: [member])))
        }
    }

    /// Up to an ord, up to a message that may never come, or none.
    private mutating func archive() -> Command {
        switch dice.below(4) {
        case 0: .archive(Archive(upTo: .message(id(dice.below(9)))))
        case 1: .archive(Archive(upTo: .ord(time())))
        default: .archive(Archive(upTo: nil))
        }
    }

    private mutating func addNative(_ actor: MemberID, _ command: Command) {
        records += 1
        let record = Record(
            id: CommandID(Identifier(high: 0xd, low: records)), actor: actor, conversation: Self.room, command: command)
        native.append((record, Self.start + Int64(native.count) * Self.step))
    }

    // MARK: - The legacy system's

    /// A time of its store's clock, before, among or after Parley's own.
    private mutating func time() -> Int64 {
        Self.start - 5 * Self.step + Int64(dice.below(25)) * Self.step + Int64(dice.below(7))
    }

    private mutating func legacyMessage() -> Int { dice.below(6) }
    /// A message of the first member's that nobody deletes, unless the history is wild: it is edited here, too.
    private static let undeleted = 5
    private func id(_ number: Int) -> MessageID { MessageID(Identifier(high: 0xe, low: UInt64(number))) }

    private func message(_ number: Int, at ord: Int64? = nil, text: UInt8 = 0) -> Send {
        Send(
            message: id(number), clientToken: [], content: Sealed([text]),
            digest: PayloadDigest(Identifier(high: 1, low: UInt64(text))), replyTo: nil, sentAt: nil, direct: nil,
            legacyOrd: ord)
    }

    /// Of message `number`, always the same.
    private func ord(of number: Int) -> Int64 { Self.start - 3 * Self.step + Int64(number) * 4 * Self.step }
    private func sender(of number: Int) -> MemberID { people[number % people.count] }

    private mutating func addLegacy() {
        let number = legacyMessage()
        let member = dice.pick(people[(isWild ? 0 : 2)...])
        switch dice.below(10) {
        case 0...2:
            let text = UInt8(dice.chance(1, in: 8) ? dice.below(3) : 0)
            add(sender(of: number), .send(message(number, at: ord(of: number), text: text)), shared: number, 1)
        case 3:
            let edited =
                number == Self.undeleted
                ? Self.start + Int64(dice.below(18)) * Self.step : ord(of: number) + Int64(1 + dice.below(3)) * 10
            let edit = Edit(
                message: id(number), content: Sealed([UInt8(edited % 250)]), expectedVersion: nil,
                legacy: LegacyEdit(ord: edited, digest: PayloadDigest(Identifier(high: 2, low: UInt64(edited)))))
            add(sender(of: number), .edit(edit), shared: number, UInt64(edited))
        case 4 where isWild || number != Self.undeleted:
            add(sender(of: number), .delete(Delete(message: id(number), version: nil, reason: nil)), shared: number, 2)
        case 4...6:
            let isEqual = isWild && dice.chance(1, in: 2)
            let joined = Self.start + Int64(dice.below(18)) * Self.step + (isEqual ? 0 : 500)
            let left = dice.chance(1, in: 2) ? joined + Int64(dice.below(7)) * Self.step : nil
            add(member, .stay(Stay(member: member, joined: joined, left: left)))
        case 7: add(people[2], .rename(Rename(title: Sealed([UInt8(dice.below(200))]))))
        case 8: add(member, archive())
        default:
            let state = CopyState(
                message: id(number), ord: ord(of: number), isRead: dice.pick([true, false, false, nil]),
                isStarred: dice.chance(1, in: 3), isHidden: dice.chance(1, in: 6))
            add(member, .copyState(state))
        }
    }

    /// - Parameter part: of a message's copies, which command of the message they share.
    private mutating func add(_ actor: MemberID, _ command: Command, shared message: Int? = nil, _ part: UInt64 = 0) {
        records += 1
        let id = message.map { Identifier(high: 0xf0 + UInt64($0), low: part) } ?? Identifier(high: 0xd1, low: records)
        // Versions are strict within a thread.
        let equal = dice.chance(1, in: 4) ? equalVersions.popLast() : nil
        let record = Record(
            id: CommandID(id), actor: actor, conversation: Self.room, command: command, origin: .legacy,
            sourceVersion: equal ?? time() / Self.step * Self.step + 10 + Int64(records))
        var write = [record]
        // What edits or deletes says first that there is a message.
        if let message, part != 1 {
            var placeholder = record
            placeholder.id = CommandID(Identifier(high: 0xf0 + UInt64(message), low: 1))
            placeholder.actor = sender(of: message)
            placeholder.command = .send(self.message(message, at: ord(of: message), text: 99))
            placeholder.sourceVersion = Record.placeholderVersion
            write.insert(placeholder, at: 0)
        }
        legacy.append(write)
    }
}
