import Arguments
import Deployment
import EventLog
import MessagingService
import Projection
import Replication
import Telemetry
import Wire

/// `parley replicate [--once]`, `parley replicate audit`
enum ReplicateCommand: Subcommand {
    private static let audit = Positional.optional(
        "audit", help: "Proves that every legacy write before the position is applied, parked or skipped.",
        completion: .words(["audit"]), convert: Values.word(of: ["audit"]))
    private static let sample = Option.value(
        "sample", placeholder: "PERCENT", default: 100, defaultText: "100",
        help: "With audit: check so much, whole conversations chosen by their ids.",
        convert: Values.integer(in: 1...100))
    private static let once = Option.flag(
        "once", help: "Go up to the log's present end, then exit. Parked records are reported and do not hold it.")

    static let declaration = CommandDeclaration(
        "replicate", section: Section.running, summary: "turn the legacy system's writes into commands",
        discussion: [
            "Reads legacy-writes, one lane for each conversation. A lane whose first write fails waits and is tried again, or "
                + "is parked; all others go on. See parley lanes and parley redrive. Without --once it waits for servers "
                + "that do not answer."
        ],
        positionals: [audit.declaration],
        options: [once.declaration, sample.declaration] + LegacyRecordOptions.declarations
            + MetricsOptions.declarations,
        examples: [
            .init("parley replicate", "Runs until it is stopped."),
            .init("parley replicate audit", "Proves from log and views that nothing is missing."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        if arguments[audit] != nil { return try runAudit(arguments, console) }
        let isOnce = arguments[once]
        let patience = Patience("replicate", console.stop)
        func opened<Part>(_ open: () throws -> Part) throws -> Part? { isOnce ? try open() : try patience.opened(open) }
        guard let deployment = try opened({ try Deployment(ofDaemon: arguments) }) else {
            return console.stop.exitCode ?? .done
        }
        defer { deployment.close() }
        console.stop.whenRaised {}
        let records = try LegacyRecordOptions.records(arguments, deployment.settings)
        guard let store = try opened({ try deployment.settings.openReplicationStore(.replicate) }) else {
            return console.stop.exitCode ?? .done
        }
        var notices = ReplicationNotices()
        let replicator = try opened {
            try Replicator(
                log: try ReplicationFaults.log(deployment.log), store: store, keys: try deployment.openKeys(),
                records: records, settings: .init(seed: UInt64.random(in: 0...UInt64.max)),
                observe: { notices.tell($0) })
        }
        if let replicator {
            let collectors = ReplicationMetrics.collectors(deployment) + KafkaMetrics.collectors(deployment)
            try DaemonMetrics(arguments, command: "replicate", collectors).whileRunning {
                let stop = StopFlag()
                let reporter = StatisticsReporter.begin(deployment, stop)
                defer {
                    stop.raise()
                    reporter?.join()
                }
                try run(replicator, once: isOnce, console.stop)
            }
            try print(replicator.report, console)
        }
        try release(store, console)
        return console.stop.exitCode ?? .done
    }

    private static func run(_ replicator: Replicator, once: Bool, _ stop: StopSignal) throws {
        do { try replicator.run(once: once) { stop.isRaised } } catch  where stop.isRaised && Patience.mayPass(error) {
            // What is not stored is read again.
            Console.complain("replicate: stopped while a server was away: \(Failure(any: error).message)")
        }
    }

    private static func release(_ store: any ReplicationStore, _ console: Console) throws {
        do { try store.release() } catch  where console.stop.isRaised && Patience.mayPass(error) {
            Console.complain("replicate: the lease runs out by itself: \(Failure(any: error).message)")
        }
    }

    private static func runAudit(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(ofDaemon: arguments)
        defer { deployment.close() }
        let records = try LegacyRecordOptions.records(arguments, deployment.settings)
        let stored = try deployment.settings.openReplicationStore(.operate).load()
        let result = try ReplicationAudit(log: deployment.log, records: records, percent: arguments[sample])
            .run(stored, views: try views(of: deployment))
        try print(result, console)
        // A scrape would find nothing: an audit ends.
        if let file = arguments[MetricsOptions.file] { try AuditMetrics.write(result, to: MetricsFile(file)) }
        return result.isSound ? .done : .no
    }

    /// Both views as they are now.
    private static func views(of deployment: Deployment) throws -> [AuditedView] {
        let reads = try deployment.openReadPath()
        let status = try reads.status(of: deployment.log)
        return ProjectionName.allCases.map { view in
            let rows = status.projections.filter { $0.projection == view }
            return AuditedView(
                name: view.rawValue, topics: view == .shared ? [.conversationCommands] : [.memberCommands],
                positions: Dictionary(uniqueKeysWithValues: rows.map { ($0.partition, $0.position) })
            ) { body in try reads.dump(view) { body(DumpLine($0)) } }
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
        let views = ProjectionName.allCases.map(\.rawValue)
        guard console.json else {
            let proofs = views.map {
                ", \($0) view: \(result.proven[$0] ?? 0) judged, \(result.ahead[$0] ?? 0) to come"
            }
            return try console.output.writeLine(
                "checked \(result.checked), parked \(result.parked), skipped \(result.skipped), commands "
                    + "\(result.commands), missing \(result.findings.count)\(proofs.joined())")
        }
        var writer = JSONWriter()
        writer.beginObject()
        let counts: [(StaticString, Int)] = [
            ("checked", result.checked), ("parked", result.parked), ("skipped", result.skipped),
            ("commands", result.commands), ("missing", result.findings.count),
        ]
        for (key, value) in counts {
            writer.key(key)
            writer.int(value)
        }
        writer.key("views")
        writer.beginArray()
        for view in views {
            writer.beginObject()
            writer.key("view")
            writer.string(view)
            writer.key("judged")
            writer.int(result.proven[view] ?? 0)
            writer.key("ahead")
            writer.int(result.ahead[view] ?? 0)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endLine()
        try console.output.write(writer.bytes)
    }
}
