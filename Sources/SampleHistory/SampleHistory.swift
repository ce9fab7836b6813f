public import Messaging

/// A lively made-up history of valid commands: the same bytes for the same arguments on every machine.
///
/// Three of five conversations have two members, the others 3 to 40, one group in forty 300. Half of the commands are sends,
/// a quarter reads, the rest replies' edits, deletes, reactions, stars, archives and membership. The last commands are a
/// closing scene that shows one member an edited message, a deleted one and unread messages.
public struct SampleHistory: Sendable {
    /// Whom and what the closing scene shows.
    public struct Scene: Sendable {
        public var member: MemberID
        public var conversation: ConversationID
        public var editedMessage: MessageID
        public var deletedMessage: MessageID
    }

    /// Commands that a history has at least, so that it holds the closing scene.
    public static let minimumCommands = 20

    public let scene: Scene
    let seed: UInt64
    let namespace: Identifier
    let total: Int
    let plannedConversations: Int
    var dice: Dice
    var clock: SampleClock
    var sentences = Sentences()
    var members: [MemberID]
    var conversations: [SampleConversation] = []
    var pairs: Set<Int> = []
    var written = 0

    /// - Parameters:
    ///   - commands: lines to write, at least `minimumCommands`.
    ///   - members: members to take part, at least 3.
    ///   - namespace: of the deployment, for the ids of direct conversations.
    public init(seed: UInt64, commands: Int, members count: Int, namespace: Identifier = .defaultNamespace) {
        precondition(commands >= Self.minimumCommands && count >= 3)
        self.seed = seed
        self.namespace = namespace
        total = commands
        plannedConversations = max(2, commands / 50)
        dice = Dice(seed: seed)
        clock = SampleClock(commands: commands)
        var members: [MemberID] = []
        for _ in 0..<count {
            members.append(MemberID(.version8(milliseconds: dice.next(), hash: dice.identifier())))
        }
        self.members = members
        let group = ConversationID(
            .version7(milliseconds: UInt64(clock.milliseconds), random: dice.identifier()))
        func message(_ name: String, _ sender: Int) -> MessageID {
            .native(
                conversation: group, sender: members[sender], clientToken: Array("sample-\(seed)-\(name)".utf8))
        }
        scene = Scene(
            member: members[0], conversation: group, editedMessage: message("edited", 1),
            deletedMessage: message("deleted", 2))
    }

    /// Appends the next line, with its line feed.
    /// - Returns: `false`, having appended nothing, when the history is at its end.
    public mutating func appendNext(to output: inout [UInt8]) -> Bool {
        guard written < total else { return false }
        clock.advance(&dice)
        if written < Self.openingCommands {
            opening(written, &output)
        } else if total - written <= Self.closingCommands {
            closing(Self.closingCommands - (total - written), &output)
        } else {
            everyday(&output)
        }
        written += 1
        return true
    }

    /// The lines left to write, all of them, in one piece.
    public mutating func appendAll(to output: inout [UInt8]) { while appendNext(to: &output) {} }

    func line(_ command: StaticString, _ id: CommandID, by actor: Int, in conversation: Int) -> SampleLine {
        var line = SampleLine(command, id: id, actor: members[actor])
        line.add("conversation", conversations[conversation].id.value)
        return line
    }

    /// A command id of the history's own time.
    mutating func newCommand() -> CommandID {
        CommandID(.version7(milliseconds: UInt64(clock.milliseconds), random: dice.identifier()))
    }
}
