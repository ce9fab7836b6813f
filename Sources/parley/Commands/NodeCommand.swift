import Arguments
import Deployment
import Projection

/// `parley node`
enum NodeCommand: Subcommand {
    static let declaration = CommandDeclaration(
        "node", section: Section.running, summary: "run every role of a small deployment in one process",
        discussion: [
            "Projects both views as commands arrive. SIGTERM stops it after the batch under way. A second node on the same "
                + "data stands by and takes over when the first stops or dies. It waits for servers that do not answer."
        ],
        options: MetricsOptions.declarations,
        examples: [.init("parley node --data /var/lib/parley", "Runs until it is stopped.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let patience = Patience("node", console.stop)
        guard let deployment = try patience.opened({ try Deployment(ofDaemon: arguments) }) else {
            return console.stop.exitCode ?? .done
        }
        defer { deployment.close() }
        let daemons = ProjectorDaemons(deployment, [.shared, .personal], console)
        return try DaemonMetrics(arguments, command: "node", daemons.collectors).whileRunning(daemons.run)
    }
}
