import Arguments
import ContentProtection
import Deployment
import EventLog
import MessagingService

/// `parley log`
enum LogCommand: Subcommand {
    private static let topics = [Topic.conversationCommands, .memberCommands]
    private static let topic = Option<Topic?>.optional(
        "topic", placeholder: "T", help: "Only this topic: conversation-commands or member-commands.",
        defaultText: "both", completion: .words(topics.map(\.name))
    ) { (text) throws(ConversionError) -> Topic in
        let name = try Values.word(of: topics.map(\.name))(text)
        return topics.first { $0.name == name }!
    }
    private static let partition = Option<Int?>.optional(
        "partition", placeholder: "N", help: "Only this partition.", defaultText: "all",
        convert: Values.integer(in: 0...32_767))
    private static let from = Option<Position?>.optional(
        "from", placeholder: "POSITION",
        help: "Begin with the record at this position, such as conversation-commands/3@1024, and leave out what is "
            + "listed before it.", defaultText: "the start"
    ) { (text) throws(ConversionError) -> Position in
        guard let position = Position(text: text) else {
            throw ConversionError("is no position; write for example conversation-commands/3@1024")
        }
        return position
    }
    private static let follow = Option.flag("follow", help: "Go on with new records as they come, until stopped.")
    private static let open = Option.flag("open", help: "Show content and titles; needs the key.")

    static let declaration = CommandDeclaration(
        "log", section: Section.reading, summary: "print the records of the log, a JSON line each",
        discussion: [
            "By topic, partition and offset. Content and titles are null without --open, and null with \"erased\":true "
                + "where their keys are destroyed."
        ],
        options: [
            topic.declaration, partition.declaration, from.declaration, follow.declaration, open.declaration,
        ],
        examples: [
            .init("parley log --open", "Prints everything."),
            .init("parley log --topic member-commands --follow", "Watches what members do for themselves."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let sealer = arguments[open] ? try ContentSealer(keys: try deployment.openKeys()) : nil
        if let position = arguments[from], !deployment.log.partitionCounts.all.contains(position.partition) {
            throw Failure(.wrongUsage, "log: --from: there is no \(position.partition): parley status lists them")
        }
        let listing = LogListing(
            log: deployment.log, partitions: try partitions(arguments, deployment.log), from: arguments[from],
            sealer: sealer)
        if arguments[follow] { console.stop.whenRaised {} }
        repeat {
            try listing.writeToPresentEnd { lines in
                try console.output.write(lines)
                return !console.stop.isRaised
            }
            guard arguments[follow] else { break }
            try console.output.flush()
            while !console.stop.isRaised, try !listing.waitForMore(timeoutMillis: 200) {}
        } while !console.stop.isRaised
        return console.stop.exitCode ?? .done
    }

    private static func partitions(_ arguments: ParsedArguments, _ log: any EventLog) throws -> [TopicPartition] {
        let wanted = topics.filter { arguments[topic] == nil || arguments[topic] == $0 }
        var partitions = wanted.flatMap { log.partitionCounts.partitions(of: $0) }
        if let number = arguments[partition] {
            partitions.removeAll { $0.partition != Int32(number) }
            if partitions.isEmpty {
                throw Failure(.wrongUsage, "log: --partition: there is no partition \(number): give a smaller number")
            }
        }
        return partitions
    }
}
