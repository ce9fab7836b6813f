import Messaging

/// Random records of every command, small, with every optional field sometimes there.
struct SampleRecords {
    var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func id<Kind>() -> ID<Kind> {
        ID(random.chance(1, in: 20) ? Identifier(high: 0, low: 0) : Identifier(high: random.next(), low: random.next()))
    }

    mutating func maybe<Value>(_ value: (inout SampleRecords) -> Value) -> Value? {
        random.chance(1, in: 2) ? value(&self) : nil
    }

    /// Text of one to four byte characters, with quotes, controls and characters that compare equal to others.
    mutating func text(upTo count: Int) -> [UInt8] {
        let characters = [
            "a", "Z", " ", "\"", "\\", "\n", "\t", "\u{1}", "\u{7f}", "é", "e\u{301}", "ß", "€", "\u{feff}", "\u{2028}",
            "𝄞", "👩‍👩‍👧",
        ]
        var text: [UInt8] = []
        for _ in 0..<random.below(count + 1) { text += Array(random.pick(characters).utf8) }
        return text
    }

    mutating func ids<Kind>(upTo count: Int) -> [ID<Kind>] { (0..<random.below(count + 1)).map { _ in id() } }
    mutating func sealed() -> Sealed { Sealed(random.bytes(upTo: 60)) }
    mutating func flag() -> Bool { random.chance(1, in: 2) }
    mutating func number() -> Int64 {
        random.pick([0, 1, -1, .max, .min, 127, 128, 1_103_968_931_000_000, Int64(truncatingIfNeeded: random.next())])
    }
    mutating func ord() -> Int64 { random.pick([1, 127, 128, 1_103_968_931_000_000, (1 << 62) - 1]) }
    mutating func upTo() -> UpTo { flag() ? .ord(number()) : .message(id()) }

    mutating func command() -> Command {
        switch random.below(20) {
        case 0:
            .createConversation(
                CreateConversation(
                    participants: ids(upTo: 20), title: maybe { $0.sealed() }, history: flag() ? .all : .fromJoin))
        case 1:
            .send(
                Send(
                    message: id(), clientToken: text(upTo: 10), content: sealed(),
                    digest: PayloadDigest((id() as MessageID).value),
                    replyTo: maybe { $0.id() }, sentAt: maybe { $0.text(upTo: 8) }, direct: maybe { $0.id() }))
        case 2: .edit(Edit(message: id(), content: sealed(), expectedVersion: maybe { $0.id() }))
        case 3: .delete(Delete(message: id(), version: maybe { $0.id() }, reason: maybe { $0.text(upTo: 8) }))
        case 4: .react(React(message: id(), reaction: text(upTo: 3), on: flag()))
        case 5: .addParticipants(AddParticipants(members: ids(upTo: 20)))
        case 6: .removeParticipant(RemoveParticipant(member: id()))
        case 7: .setModerator(SetModerator(member: id(), on: flag()))
        case 8: .rename(Rename(title: sealed()))
        case 9: .close(Close(on: flag()))
        case 10: .read(Read(upTo: upTo(), isPrivate: flag()))
        case 11: .markUnread
        case 12: .star(Mark(message: id(), on: flag()))
        case 13: .hide(Mark(message: id(), on: flag()))
        case 14: .archive(Archive(upTo: maybe { $0.upTo() }))
        case 15: .mute(Mute(on: flag()))
        default: legacyCommand()
        }
    }

    /// What only a legacy system says.
    mutating func legacyCommand() -> Command {
        let digest = PayloadDigest((id() as MessageID).value)
        return switch random.below(4) {
        case 0: .stay(Stay(member: id(), joined: ord(), left: maybe { $0.ord() }))
        case 1:
            .copyState(
                CopyState(
                    message: id(), ord: ord(), isRead: maybe { $0.flag() }, isStarred: flag(), isHidden: flag()))
        case 2:
            .edit(
                Edit(
                    message: id(), content: sealed(), expectedVersion: nil,
                    legacy: LegacyEdit(ord: ord(), digest: digest)))
        default:
            .send(
                Send(
                    message: id(), clientToken: text(upTo: 10), content: sealed(), digest: digest, replyTo: nil,
                    sentAt: nil, direct: nil, legacyOrd: ord()))
        }
    }

    mutating func verdict() -> HookVerdict {
        HookVerdict(
            hook: text(upTo: 4), version: text(upTo: 2), decision: random.pick([.allowed, .replaced, .held]),
            durationMicros: number())
    }

    mutating func record() -> Record {
        let command = command()
        return Record(
            id: id(), actor: id(), conversation: id(), command: command,
            origin: command.isLegacyOnly || flag() ? .legacy : .native,
            sourceVersion: command.isLegacyOnly ? number() : maybe { $0.number() },
            verdicts: random.chance(1, in: 4) ? (0..<random.below(4)).map { _ in verdict() } : [],
            traceParent: random.chance(1, in: 4) ? text(upTo: 6) : nil)
    }
}

extension Command {
    /// Whether the record must be of origin legacy.
    var isLegacyOnly: Bool {
        switch self {
        case .stay, .copyState: true
        case .send(let send): send.legacyOrd != nil
        case .edit(let edit): edit.legacy != nil
        default: false
        }
    }
}
