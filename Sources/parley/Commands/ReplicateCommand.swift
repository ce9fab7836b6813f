import Arguments
import Deployment
import EventLog
import LegacyMailbox
import MessagingService
import Replication
import Wire

/// `parley replicate [--once]`, `parley replicate audit`
enum ReplicateCommand: Subcommand {
    private static let audit = Positional.optional(
        "audit", help: "Proves that every legacy write before the position is applied, parked or skipped.",
        completion: .words(["audit"]), convert: Values.word(of: ["audit"]))
    private static let once = Option.flag(
        "once", help: "Go up to the log's present end, then exit. Parked records are reported and do not hold it.")

    static let declaration = CommandDeclaration(
        "replicate", section: Section.running, summary: "turn the legacy system's writes into commands",
        discussion: [
            "Reads legacy-writes, one lane for each conversation. A lane whose first write fails waits and is tried again, or "
                + "is parked; all others go on. See parley lanes and parley redrive."
        ],
        positionals: [audit.declaration], options: [once.declaration],
        examples: [
            .init("parley replicate", "Runs until it is stopped."),
            .init("parley replicate audit", "Compares the log with the replicator's position."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .create)
        defer { deployment.close() }
        let file = deployment.settings.data.replication
        if arguments[audit] != nil {
            let stored = try ReplicationStore(file, access: .operate).load()
            let result = try ReplicationAudit(
                log: deployment.log, format: OwnFormat(), namespace: deployment.settings.namespace
            ).run(stored)
            try print(result, console)
            return result.isSound ? .done : .no
        }
        console.stop.whenRaised {}
        let replicator = try Replicator(
            log: deployment.log, store: try ReplicationStore(file, access: .replicate),
            keys: try deployment.openKeys(), format: OwnFormat(),
            settings: .init(
                namespace: deployment.settings.namespace, seed: UInt64.random(in: 0...UInt64.max)),
            observe: report)
        try replicator.run(once: arguments[once]) { console.stop.isRaised }
        try print(replicator.report, console)
        return console.stop.exitCode ?? .done
    }

    private static func report(_ notice: ReplicationNotice) {
        switch notice {
        case .intake(.open): Console.complain("replicate: reading again")
        case .intake(.full), .intake(.outage): break
        case .intake(.parkedPerLane(let lane)):
            Console.complain("replicate: stopped reading: lane \(lane) is full: mend it, then parley redrive")
        case .intake(.parkedInAll):
            Console.complain("replicate: stopped reading: too many parked records: mend them, then parley redrive")
        case .laneDied(let lane, let failure):
            Console.complain("replicate: lane \(lane) is dead (\(failure.kind.name)): \(failure.cause)")
        case .outageBegan: Console.complain("replicate: outage: most lanes fail: paused, trying one at a time")
        case .outageEnded: Console.complain("replicate: the outage is over")
        case .refused(_, let why): Console.complain("replicate: \(why)")
        }
    }

    private static func print(_ report: ReplicationReport, _ console: Console) throws {
        guard console.json else {
            return try console.output.writeLine(
                "read \(report.read), applied \(report.applied) as \(report.commands) commands, parked \(report.parked)"
            )
        }
        var writer = JSONWriter()
        writer.beginObject()
        let counts: [(StaticString, Int)] = [
            ("read", report.read), ("applied", report.applied), ("commands", report.commands),
            ("parked", report.parked),
            ("failuresTransient", report.failures[.transient] ?? 0),
            ("failuresPermanent", report.failures[.permanent] ?? 0),
            ("failuresUnknown", report.failures[.unknown] ?? 0),
        ]
        for (key, value) in counts {
            writer.key(key)
            writer.int(value)
        }
        writer.key("converters")
        writer.beginArray()
        for (name, count) in report.converters.sorted(by: { $0.key < $1.key }) {
            writer.beginObject()
            writer.key("converter")
            writer.string(name)
            writer.key("commands")
            writer.int(count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
    }

    private static func print(_ result: ReplicationAudit.Result, _ console: Console) throws {
        for finding in result.findings { Console.complain("replicate audit: \(finding.position): \(finding.reason)") }
        guard console.json else {
            return try console.output.writeLine(
                "checked \(result.checked), parked \(result.parked), skipped \(result.skipped), "
                    + "missing \(result.findings.count)")
        }
        var writer = JSONWriter()
        writer.beginObject()
        let counts: [(StaticString, Int)] = [
            ("checked", result.checked), ("parked", result.parked), ("skipped", result.skipped),
            ("missing", result.findings.count),
        ]
        for (key, value) in counts {
            writer.key(key)
            writer.int(value)
        }
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
    }
}
