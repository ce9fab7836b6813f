import Arguments
import Deployment
import EventLog
import Messaging
import MessagingService
import Projection
import Replication
import SharedContent
import Wire

/// `parley lanes list`, `parley lanes show LANE`, `parley lanes status`, `parley lanes audit`
enum LanesCommand: Subcommand {
    private static let verbs = ["list", "show", "status", "audit"]
    private static let verb = Positional.one(
        "list|show|status|audit",
        help:
            "All lanes with parked records, the records of one, the figures that alarms watch, or what operators did.",
        completion: .words(verbs),
        convert: Values.word(of: verbs))
    private static let lane = Positional.optional(
        "LANE", help: "The conversation, for show.", convert: IDValues.conversation)

    static let declaration = CommandDeclaration(
        "lanes", section: Section.running,
        summary: "show which legacy writes are parked, why and since when, and how replication stands",
        positionals: [verb.declaration, lane.declaration],
        examples: [
            .init("parley lanes list", "Every lane that waits or is dead, with its cause and age."),
            .init("parley lanes status --json", "One object of figures: see alarms.md of the operator's guide."),
            .init("parley lanes show $CONVERSATION", "The parked records of one, in order."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let settings = try DeploymentSettings(arguments)
        let store = try settings.openReplicationStore(.operate)
        switch arguments[verb] {
        case "list": return try list(try store.summaries(), console)
        case "status": return try status(store, arguments, console)
        case "audit": return try audit(try store.auditLines(limit: auditLimit), console)
        default: break
        }
        guard let lane = arguments[lane] else {
            throw Failure(.wrongUsage, "lanes show: LANE is missing: take one from parley lanes list")
        }
        var last: Position?
        while true {
            let page = try store.parked(of: lane, after: last, limit: 500)
            guard let end = page.last else { break }
            try show(page, console)
            last = end.position
        }
        guard last != nil else {
            Console.complain("lanes: nothing of \(lane) is parked")
            return .no
        }
        return .done
    }

    private static func list(_ lanes: [LaneSummary], _ console: Console) throws -> ExitCode {
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

    private static func show(_ records: [ParkedRecord], _ console: Console) throws {
        var writer = JSONWriter()
        var table = TextTable([("POSITION", .left), ("BYTES", .right), ("APPENDED", .left)])
        for record in records {
            let (position, payload) = (record.position, record.payload)
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
    }

    private static let auditLimit = 10_000

    private static func audit(_ lines: [AuditLine], _ console: Console) throws -> ExitCode {
        var writer = JSONWriter()
        var table = TextTable([
            ("TIME", .left), ("ACTION", .left), ("LANE", .left), ("OPERATOR", .left), ("REASON", .left),
        ])
        for line in lines {
            table.add([
                TextTime.text(micros: line.atMillis * 1_000), line.action, "\(line.lane)",
                TextTable.plain(line.operator), TextTable.plain(line.reason),
            ])
            writer.beginObject()
            writer.key("atMillis")
            writer.int(line.atMillis)
            let texts: [(StaticString, String)] = [
                ("action", line.action), ("lane", line.lane.description), ("operator", line.operator),
                ("reason", line.reason),
            ]
            for (key, value) in texts {
                writer.key(key)
                writer.string(value)
            }
            writer.endObject()
            writer.endLine()
        }
        try console.json ? console.output.write(writer.bytes) : console.output.write(table.text)
        return .done
    }

    private static func status(
        _ store: any ReplicationStore, _ arguments: ParsedArguments, _ console: Console
    ) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let status = try ReplicationStatus(
            store: store, log: deployment.log, versionConflicts: versionConflicts(deployment),
            nowMicros: LogClock.system.nowMicros())
        try console.json ? console.output.write(status.json) : console.output.write(status.text)
        return .done
    }

    /// What the shared view refused of the replicator's commands for their version.
    ///
    /// The replicator's role may not read views: then it is not known, and says so.
    private static func versionConflicts(_ deployment: Deployment) throws -> Int64? {
        do { return try deployment.openReadPath([.shared]).legacyVersionConflicts() } catch let error as ProjectionError
            where error.code == .readOnly || error.code == .unreachable
        {
            Console.complain("lanes: version conflicts are not known: \(error.message)")
            return nil
        }
    }
}
