import Arguments
import Deployment
import LegacyMailbox

/// `parley legacy relay`: the outbox to the topic, once or as a daemon.
struct LegacyRelay {
    private let arguments: ParsedArguments
    private let location: LegacyLocation
    private let console: Console
    private let isOnce: Bool
    private let metrics = RelayMetrics()

    init(_ arguments: ParsedArguments, _ location: LegacyLocation, _ console: Console) {
        (self.arguments, self.location, self.console) = (arguments, location, console)
        isOnce = arguments[LegacyOptions.once]
    }

    func run() throws -> ExitCode {
        let patience = Patience("relay", console.stop)
        let opened =
            isOnce ? try Deployment(ofDaemon: arguments) : try patience.opened { try Deployment(ofDaemon: arguments) }
        guard let deployment = opened else { return console.stop.exitCode ?? .done }
        defer { deployment.close() }
        console.stop.whenRaised {}
        let collectors = metrics.collectors(location) + KafkaMetrics.collectors(deployment)
        let relayed = try DaemonMetrics(arguments, command: "relay", collectors).whileRunning {
            isOnce ? try runOnce(deployment) : try runDaemon(deployment)
        }
        try console.output.writeLine("{\"relayed\":\(relayed)}")
        return console.stop.exitCode ?? .done
    }

    private func open(_ deployment: Deployment) throws -> OutboxRelay {
        let form: OutboxRelay.Form = arguments[LegacyOptions.form] == "json" ? .json : .protobuf
        return try OutboxRelay(
            try LegacyStore(location), log: try ReplicationFaults.log(deployment.log), form: form)
    }

    private func move(_ relay: OutboxRelay) throws {
        let stop = console.stop
        try relay.run(
            once: isOnce, isStopped: { stop.isRaised },
            waits: { error in
                metrics.noteFailure()
                Console.complain("relay: \(Failure(any: error).message): trying again")
            })
    }

    private func runOnce(_ deployment: Deployment) throws -> Int {
        let relay = try open(deployment)
        try move(relay)
        return relay.relayed
    }

    /// A server that goes away takes the relay's lock with it: a new relay asks for it, and waits for the server, and for
    /// what is left of the old connection to end.
    /// - Returns: how many records were appended.
    private func runDaemon(_ deployment: Deployment) throws -> Int {
        var relayed = 0
        var hasWorked = false
        while let relay = try Patience("relay", console.stop, forOthersToo: hasWorked).opened({ try open(deployment) })
        {
            hasWorked = true
            defer { relayed += relay.relayed }
            do {
                try move(relay)
                break
            } catch  where Patience.mayPass(error) {
                metrics.noteFailure()
                Console.complain("relay: \(Failure(any: error).message): connecting anew")
            }
        }
        return relayed
    }
}
