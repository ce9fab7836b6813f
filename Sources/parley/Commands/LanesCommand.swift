import Arguments
import Deployment
import EventLog
import Messaging
import Replication
import Wire

/// `parley lanes list`, `parley lanes show LANE`
enum LanesCommand: Subcommand {
    private static let verbs = ["list", "show"]
    private static let verb = Positional.one(
        "list|show", help: "All lanes with parked records, or the records of one.", completion: .words(verbs),
        convert: Values.word(of: verbs))
    private static let lane = Positional.optional(
        "LANE", help: "The conversation, for show.", convert: IDValues.conversation)

    static let declaration = CommandDeclaration(
        "lanes", section: Section.running, summary: "show which legacy writes are parked, why and since when",
        positionals: [verb.declaration, lane.declaration],
        examples: [
            .init("parley lanes list", "Every lane that waits or is dead, with its cause and age."),
            .init("parley lanes show $CONVERSATION", "The parked records of one, in order."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let settings = try DeploymentSettings(arguments)
        let store = try ReplicationStore(settings.data.replication, access: .operate)
        if arguments[verb] == "list" { return try list(try store.summaries(), console) }
        guard let lane = arguments[lane] else {
            throw Failure(.wrongUsage, "lanes show: LANE is missing: take one from parley lanes list")
        }
        let records = try store.parked(of: lane)
        guard !records.isEmpty else {
            Console.complain("lanes: nothing of \(lane) is parked")
            return .no
        }
        return try show(records, console)
    }

    private static func list(_ lanes: [ReplicationStore.LaneSummary], _ console: Console) throws -> ExitCode {
        var writer = JSONWriter()
        var table = TextTable([
            ("LANE", .left), ("STATE", .left), ("PARKED", .right), ("ATTEMPTS", .right), ("AGE", .right),
            ("CLASS", .left), ("CAUSE", .left),
        ])
        let now = LogClock.system.nowMicros()
        for summary in lanes {
            let state = summary.lane.isDead ? "dead" : "waiting"
            let age = max(0, now - summary.oldestMicros) / 1_000_000
            table.add([
                "\(summary.lane.lane)", state, "\(summary.parked)", "\(summary.lane.attempts)", "\(age) s",
                summary.lane.failure.kind.name, TextTable.plain(summary.lane.failure.cause),
            ])
            writer.beginObject()
            writer.key("lane")
            writer.string(summary.lane.lane.description)
            writer.key("state")
            writer.string(state)
            writer.key("class")
            writer.string(summary.lane.failure.kind.name)
            writer.key("cause")
            writer.string(summary.lane.failure.cause)
            let numbers: [(StaticString, Int64)] = [
                ("parked", Int64(summary.parked)), ("attempts", Int64(summary.lane.attempts)), ("ageSeconds", age),
                ("dueMillis", summary.lane.dueMillis), ("failingSinceMillis", summary.lane.failingSinceMillis),
            ]
            for (key, value) in numbers {
                writer.key(key)
                writer.int(value)
            }
            writer.endObject()
            writer.endLine()
        }
        try console.json ? console.output.write(writer.bytes) : console.output.write(table.text)
        return .done
    }

    private static func show(_ records: [(position: Position, payload: Payload)], _ console: Console) throws -> ExitCode
    {
        var writer = JSONWriter()
        var table = TextTable([("POSITION", .left), ("BYTES", .right), ("APPENDED", .left)])
        for (position, payload) in records {
            table.add(["\(position)", "\(payload.value.count)", TextTime.text(micros: payload.appendMicros)])
            writer.beginObject()
            writer.key("position")
            writer.string(position.description)
            writer.key("appendTime")
            writer.int(payload.appendMicros)
            writer.key("bytes")
            writer.int(payload.value.count)
            writer.endObject()
            writer.endLine()
        }
        try console.json ? console.output.write(writer.bytes) : console.output.write(table.text)
        return .done
    }
}
