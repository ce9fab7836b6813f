import Messaging

/// Makes histories of every command, legal and illegal, from a seed: few members, conversations, messages and ids, so
/// that they meet; copies near and far; commands before what they name; ids used again for other commands.
public struct HistoryGenerator {
    /// What a history dwells on.
    public enum Kind: CaseIterable, Sendable {
        case mixed
        /// More kinds of reaction than a message takes.
        case reactions
        /// Conversations that become big and small again.
        case big
        /// Mostly personal commands.
        case personal
        /// Conversations in which the same commands have the same ids.
        case twins
        /// Members of so many conversations that their mailboxes are indexed.
        case crowded
    }

    let seed: UInt64
    let kind: Kind
    var dice: Dice
    let members: [MemberID]
    let conversations: [ConversationID]
    let messages: [MessageID]
    private let partitions: UInt64
    private let mayTurnBack: Bool
    /// Records so far.
    private(set) var records: [LoggedRecord] = []
    /// Commands that were thought of and may be appended later, behind others that name them.
    private(set) var delayed: [Record] = []
    private var offsets: [LoggedRecord.Place: Int64] = [:]
    private var time: Int64 = 1_000
    private var commandsMade: UInt64 = 0

    /// - Parameter mayTurnBack: whether append times may go back, as no log gives them.
    public init(seed: UInt64, kind: Kind? = nil, mayTurnBack: Bool = true) {
        self.seed = seed
        dice = Dice(seed: seed)
        let drawn = dice.pick([
            Kind.mixed, .mixed, .mixed, .mixed, .mixed, .twins, .personal, .personal, .reactions, .big,
        ])
        self.kind = kind ?? drawn
        let people = self.kind == .big ? 72 : 3 + dice.below(3)
        members = (1...UInt64(people)).map { MemberID(Identifier(high: 0xa, low: $0)) }
        let places =
            switch self.kind {
            case .twins: 2
            case .reactions: 1
            case .crowded: 125 + dice.below(12)
            default: 1 + dice.below(3)
            }
        conversations = (1...UInt64(places)).map { ConversationID(Identifier(high: 0xc, low: $0)) }
        messages = (1...UInt64(2 + dice.below(7))).map { MessageID(Identifier(high: 0xe, low: $0)) }
        partitions = UInt64(1 + dice.below(3))
        let turnsBack = dice.chance(1, in: 4)
        self.mayTurnBack = mayTurnBack && turnsBack
    }

    /// A history of about `count` records.
    public static func history(seed: UInt64, count: Int, kind: Kind? = nil, mayTurnBack: Bool = true) -> History {
        var generator = HistoryGenerator(seed: seed, kind: kind, mayTurnBack: mayTurnBack)
        generator.begin()
        // More kinds of reaction than a message takes, or more conversations than a small mailbox has, need their time.
        let count = [.reactions, .crowded].contains(generator.kind) ? max(count, 250) : count
        while generator.records.count < count { generator.step() }
        return History(seed: seed, records: generator.records)
    }

    /// Most conversations begin by being created; some records come before that, or it never comes.
    private mutating func begin() {
        for conversation in conversations where dice.chance(kind == .crowded ? 99 : 90, in: 100) {
            if dice.chance(1, in: 5) {
                append(conversation, members[0], send(direct: members[1]))
            } else {
                let count = kind == .big ? 40 + dice.below(30) : dice.below(members.count)
                let create = CreateConversation(
                    participants: Array(members[1...].prefix(count)), title: dice.chance(1, in: 2) ? title() : nil,
                    history: dice.chance(1, in: 3) ? .all : .fromJoin)
                append(conversation, members[0], .createConversation(create))
            }
            if kind == .crowded && dice.chance(1, in: 3) { step() }
        }
    }

    private mutating func step() {
        if !records.isEmpty && dice.chance(1, in: 8) { return copy() }
        if !records.isEmpty && dice.chance(1, in: 30) { return echo(dice.pick(records.suffix(10)).record) }
        if !delayed.isEmpty && dice.chance(1, in: 4) { return append(delayed.remove(at: dice.below(delayed.count))) }
        if kind != .reactions, dice.chance(1, in: 4), let (record, command) = followUp() {
            return append(record.conversation, record.actor, command)
        }
        // In a crowd, mostly the same few.
        let conversation = dice.pick(dice.chance(2, in: 3) ? conversations.suffix(3) : conversations[...])
        let actor = dice.chance(1, in: 3) ? members[0] : dice.pick(members)
        append(conversation, actor, command(in: conversation, by: actor))
    }

    /// An exact copy of a record, soon after it or long after.
    private mutating func copy() {
        let near = min(records.count, 3)
        let index = dice.chance(1, in: 2) ? records.count - 1 - dice.below(near) : dice.below(records.count)
        append(records[index].record)
    }

    /// The same command under the same id in any conversation: in another one it is another command.
    private mutating func echo(_ record: Record) {
        var record = record
        record.conversation = dice.pick(conversations)
        append(record)
    }

    private mutating func append(_ conversation: ConversationID, _ actor: MemberID, _ command: Command) {
        var number = commandsMade
        if commandsMade > 0 && dice.chance(1, in: 20) { number = UInt64(dice.below(Int(commandsMade))) }
        if number == commandsMade { commandsMade += 1 }
        let record = Record(
            id: CommandID(Identifier(high: 0xd, low: number)), actor: actor, conversation: conversation,
            command: command)
        if records.count > 3 && dice.chance(1, in: 10) { delayed.append(record) } else { append(record) }
        if kind == .twins && dice.chance(3, in: 4) { echo(record) }
    }

    private mutating func append(_ record: Record) {
        // Records of the same microsecond, of the next, and much later ones.
        time += dice.pick([0, 0, 1, 1, 2, 10, 1_000])
        if mayTurnBack && dice.chance(1, in: 6) { time -= Int64(dice.below(40)) }
        let place = LoggedRecord.Place(
            isPersonal: record.command.isPersonal, partition: Int32(record.key.low % partitions))
        let offset = offsets[place, default: 0]
        offsets[place] = offset + 1
        records.append(
            LoggedRecord(record: record, partition: place.partition, offset: offset, appendTime: max(time, 1)))
    }

    /// About when something happened: the ord of a record, or one beside it.
    mutating func anyOrd() -> Int64 {
        if dice.chance(1, in: 12) { return dice.pick([0, 1, .max]) }
        guard !records.isEmpty else { return time }
        return dice.pick(records).appendTime + Int64(dice.below(4)) - 1
    }

    /// The id of a command there was, or of none.
    mutating func anyCommand() -> CommandID {
        CommandID(Identifier(high: 0xd, low: UInt64(dice.below(Int(commandsMade) + 2))))
    }
}
