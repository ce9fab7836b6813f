import Arguments
import Deployment
import EventLog
import Glibc
import MessagingService
import Projection
import Replay
import ViewStorage

/// `parley status [--wait 60s]`
enum StatusCommand: Subcommand {
    private static let wait = Option<Duration?>.optional(
        "wait", placeholder: "TIME", help: "Wait so long, such as 60s, until no projection has a gap.",
        convert: Values.duration)
    private static let pauseMicros: UInt32 = 10_000

    static let declaration = CommandDeclaration(
        "status", section: Section.running, summary: "show how far the views are behind the log",
        options: [wait.declaration],
        examples: [
            .init("parley status", "Shows every projection."),
            .init("parley status --wait 60s", "Exits with 0 once all is projected, with 75 if it is not by then."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let deployment = try Deployment(arguments, ifMissing: .fail)
        defer { deployment.close() }
        let reads = try deployment.openReadPath()
        let deadline = ContinuousClock.now + (arguments[wait] ?? .zero)
        var status = try reads.status(of: deployment.log)
        while !status.hasNoGap && ContinuousClock.now < deadline {
            usleep(pauseMicros)
            status = try reads.status(of: deployment.log)
        }
        for view in ProjectionName.allCases {
            for generation in try deployment.generations(of: view).list() {
                status.generations.append((view, generation))
            }
        }
        try print(status, deployment.settings, console)
        guard arguments[wait] != nil, !status.hasNoGap else { return .done }
        throw Failure(.tryAgain, "not there yet: \(gaps(status)): see that projectors run, or wait longer")
    }

    private static func gaps(_ status: StatusAnswer) -> String {
        status.projections.filter { $0.gap > 0 }
            .map { "the \($0.projection.rawValue) view by \($0.gap) records in \($0.partition)" }
            .joined(separator: ", ")
    }

    private static func print(_ status: StatusAnswer, _ settings: DeploymentSettings, _ console: Console) throws {
        if console.json {
            try Reading.print(console) { writer in
                status.write(to: &writer) { view in
                    view == .shared ? settings.sharedStore.url : settings.personalStore.url
                }
            }
        } else {
            try console.output.write(text(status))
        }
    }

    private static func text(_ status: StatusAnswer) -> String {
        var table = TextTable([
            ("VIEW", .left), ("PARTITION", .left), ("POSITION", .right), ("GAP", .right), ("LAG", .right),
            ("PARKED", .right), ("REJECTED", .right), ("ORPHANED", .right), ("EPOCH", .right), ("OWNER", .left),
        ])
        for row in status.projections {
            table.add([
                row.projection.rawValue, "\(row.partition)", "\(row.position)", "\(row.gap)", seconds(row.lagSeconds),
                "\(row.parked)", "\(row.rejected)", "\(row.orphaned)", "\(row.epoch)", row.owner.map(owner) ?? "",
            ])
        }
        let others = status.generations.filter { $0.generation.state != .active }
        guard !others.isEmpty else { return table.text }
        var unused = TextTable([("VIEW", .left), ("GENERATION", .right), ("STATE", .left), ("BYTES", .right)])
        for (view, generation) in others {
            unused.add([view.rawValue, "\(generation.number)", generation.state.rawValue, "\(generation.bytes)"])
        }
        return table.text + "\n" + unused.text
    }

    /// `PROCESS@MACHINE`: the process id, and the first letters of what names the machine and its start.
    private static func owner(_ text: String) -> String {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        return parts.count == 5 ? "\(parts[2])@\(parts[0].prefix(8))" : text
    }

    /// With one digit after the point.
    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int64((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
