import Arguments
import Deployment
import EventLog
import Messaging
import Replication
import Wire

/// `parley redrive [--lane L | --cause TEXT | --older-than SECONDS] [--dry-run] [--skip-head]`
enum RedriveCommand: Subcommand {
    private static let lane = Option<[ConversationID]>.list(
        "lane", placeholder: "LANE", help: "Only this lane.", convert: IDValues.conversation)
    private static let cause = Option<String?>.optional(
        "cause", placeholder: "TEXT", help: "Only lanes whose cause contains this.", defaultText: "any"
    ) { (text) throws(ConversionError) -> String in text }
    private static let age = Option<Int?>.optional(
        "older-than", placeholder: "SECONDS", help: "Only lanes whose oldest record is older.", defaultText: "any",
        convert: Values.integer(in: 0...1_000_000_000))
    private static let dryRun = Option.flag(
        "dry-run", help: "Only say of each record: wouldApply, superseded or stillFails.")
    private static let skipHead = Option.flag(
        "skip-head", help: "Give up the first record of the lane, for good; needs --lane, --operator and --reason.")
    private static let rate = Option.value(
        "rate", placeholder: "N", default: 0, defaultText: "as fast as it goes",
        help: "At most so many records a second; goes on at that rate after a restart.",
        convert: Values.integer(in: 1...1_000_000))
    private static let person = Option<String>.value(
        "operator", placeholder: "NAME", default: "", defaultText: "none", help: "Who does it, for the audit line."
    ) { (text) throws(ConversionError) -> String in text }
    private static let reason = Option<String>.value(
        "reason", placeholder: "TEXT", default: "", defaultText: "none", help: "Why, for the audit line."
    ) { (text) throws(ConversionError) -> String in text }

    static let declaration = CommandDeclaration(
        "redrive", section: Section.running, summary: "try parked legacy writes again, each lane from its head",
        discussion: [
            "Leaves a request that the running replicator, or the next parley replicate --once, carries out. Records run "
                + "through their lane, never to its tail."
        ],
        options: [
            lane.declaration, cause.declaration, age.declaration, dryRun.declaration, skipHead.declaration,
            rate.declaration, person.declaration, reason.declaration,
        ] + LegacyRecordOptions.declarations,
        examples: [
            .init("parley redrive --dry-run", "What would become of every parked record."),
            .init("parley redrive --cause title --operator ada --reason 'titles mended'", "Lanes that failed for it."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let settings = try DeploymentSettings(arguments)
        let store = try settings.openReplicationStore(.operate)
        let lanes = try selected(arguments, try store.summaries())
        guard !lanes.isEmpty else {
            Console.complain("redrive: no lane with parked records is meant: see parley lanes list")
            return .no
        }
        if arguments[dryRun] {
            let records = try LegacyRecordOptions.records(arguments, settings)
            for lane in lanes { try predict(lane, store, records, console) }
            return .done
        }
        let skips = arguments[skipHead]
        guard !arguments[person].isEmpty, !skips || !arguments[reason].isEmpty else {
            throw Failure(.wrongUsage, "redrive: --operator is missing; with --skip-head --reason too")
        }
        guard !skips || arguments[lane].count == 1 else {
            throw Failure(.wrongUsage, "redrive: --skip-head is for one lane: name it with --lane")
        }
        let order = LaneOrder(
            skipsHead: skips, recordsPerSecond: Int64(arguments[rate]), operator: arguments[person],
            reason: arguments[reason])
        try store.request(lanes, order, nowMillis: LogClock.system.nowMicros() / 1_000)
        try answer(lanes.count, console)
        return .done
    }

    private static func selected(
        _ arguments: ParsedArguments, _ all: [LaneSummary]
    ) throws -> [ConversationID] {
        let named = Set(arguments[lane])
        let now = LogClock.system.nowMicros()
        return all.filter { summary in
            if !named.isEmpty, !named.contains(summary.lane.lane) { return false }
            if let age = arguments[age], now - summary.oldestMicros < Int64(age) * 1_000_000 { return false }
            guard let text = arguments[cause] else { return true }
            return Array(summary.lane.failure.cause.utf8).contains(Array(text.utf8))
        }.map(\.lane.lane)
    }

    private static func predict(
        _ lane: ConversationID, _ store: any ReplicationStore, _ records: LegacyRecords, _ console: Console
    ) throws {
        var lanePrediction = RedrivePrediction(records)
        var last: Position?
        while true {
            let page = try store.parked(of: lane, after: last, limit: 500)
            guard let end = page.last else { break }
            for record in page { lanePrediction.add(record) }
            last = end.position
        }
        for (position, prediction) in lanePrediction.predictions() {
            guard console.json else {
                try console.output.writeLine(
                    "\(lane) \(position) \(prediction.word)\(prediction.reason.map { ": \($0)" } ?? "")")
                continue
            }
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("lane")
            writer.string(lane.description)
            writer.key("position")
            writer.string(position.description)
            writer.key("prediction")
            writer.string(prediction.word)
            writer.key("reason")
            if let reason = prediction.reason { writer.string(reason) } else { writer.null() }
            writer.endObject()
            writer.endLine()
            try console.output.write(writer.bytes)
        }
    }

    private static func answer(_ count: Int, _ console: Console) throws {
        guard console.json else { return try console.output.writeLine("asked for \(count) lanes") }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("lanes")
        writer.int(count)
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
    }
}
