import Arguments
import EventLog
import Messaging
import Projection
import Replay

/// Options that rebuilding and comparing share.
enum ReplayOption {
    private static let words = ProjectionName.allCases.map(\.rawValue) + ["all"]

    static let view = Option<[ProjectionName]>.required(
        "view", placeholder: "shared|personal|all", help: "Which view.", completion: .words(words)
    ) { (text) throws(ConversionError) -> [ProjectionName] in
        let word = try Values.word(of: words)(text)
        return word == "all" ? ProjectionName.allCases : [ProjectionName(rawValue: word)!]
    }

    static let memory = Option.value(
        "memory", placeholder: "MIB", default: 512, defaultText: "512",
        help: "MiB for records of the log in memory and for folding; beside it a store has its cache of 128.",
        convert: Values.integer(in: 16...1_048_576))

    private static let conversation = Option<ConversationID?>.optional(
        "conversation", placeholder: "C", help: "Repair this conversation's rows only.", convert: IDValues.conversation)
    private static let member = Option<MemberID?>.optional(
        "member", placeholder: "M", help: "Repair this member's rows only.", convert: IDValues.member)
    private static let partition = Option<TopicPartition?>.optional(
        "partition", placeholder: "TOPIC/P", help: "Repair only rows of a partition, such as conversation-commands/3."
    ) { (text) throws(ConversionError) -> TopicPartition in
        guard let partition = TopicPartition(text: text) else { throw ConversionError("is not like member-commands/0") }
        return partition
    }
    private static let from = Option<Position?>.optional(
        "from", placeholder: "POSITION",
        help: "Repair only rows of conversations or members that the log names from here on."
    ) { (text) throws(ConversionError) -> Position in
        guard let position = Position(text: text) else { throw ConversionError("is not like member-commands/0@12") }
        return position
    }
    static let dryRun = Option.flag("dry-run", help: "Only show what a repair would change.")

    static let repair = [
        conversation.declaration, member.declaration, partition.declaration, from.declaration, dryRun.declaration,
    ]

    /// What to repair; `nil` when everything is rebuilt.
    /// - Throws: `LogError`, `ReplayError`, `Failure`.
    static func selection(_ arguments: ParsedArguments, _ log: any EventLog) throws -> RepairSelection? {
        var selection = RepairSelection()
        if let id = arguments[conversation] { selection.conversations.insert(id) }
        if let id = arguments[member] { selection.members.insert(id) }
        if let place = arguments[partition] { selection.partitions.insert(place) }
        if let position = arguments[from] { try selection.add(from: position, in: log) }
        if selection != RepairSelection() { return selection }
        guard !arguments[dryRun] else {
            throw Failure(
                .wrongUsage,
                "replay: --dry-run: needs what to repair: give --conversation, --member, --partition or --from, "
                    + "or use parley verify-view")
        }
        return nil
    }

    private static let baselineDirectory = Option<String?>.optional(
        "baseline", placeholder: "DIR",
        help: "Begin with the files of a baseline, and go on with the log; record by record.", completion: .directory,
        convert: Values.nonEmpty)
    static let baseline = baselineDirectory.declaration

    /// The baseline that is named, checked from end to end.
    /// - Throws: `ReplayError`.
    static func baseline(_ arguments: ParsedArguments, _ log: any EventLog, _ console: Console) throws -> Baseline? {
        guard let directory = arguments[baselineDirectory] else { return nil }
        var baseline = try Baseline(directory, counts: log.partitionCounts)
        try BaselineCheck.run(&baseline, console)
        return baseline
    }

    /// Has this process, which is to rebuild these views, leave the machine to whoever is live on them.
    static func standBack(behind generations: [any ViewGenerations]) {
        // On one that cannot be read nobody is live.
        let isLive = generations.contains { (try? $0.ownedPositions())?.isEmpty == false }
        if isLive {
            StandingBack.leaveOneProcessor()
            SchedulerPulse.begin()
            StandingBack.shareDisk()
        }
        StandingBack.lowerPriority()
    }

    static let slow = Option.flag(
        "record-by-record", help: "Project in the order of the log instead of loading by ranges of keys: slower.")

    static let limit = Option.value(
        "limit", placeholder: "N", default: 1_000, defaultText: "1000",
        help: "Differences to print; all are counted.", convert: Values.integer(in: 0...Int.max))
}

extension Duration {
    /// Seconds with their fraction.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
