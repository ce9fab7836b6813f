import Arguments
import Deployment

extension Deployment {
    /// Opens the deployment that the options name.
    /// - Throws: `DeploymentError`, `LogError`.
    convenience init(_ arguments: ParsedArguments, ifMissing: IfMissing) throws {
        try self.init(DeploymentSettings(arguments), ifMissing: ifMissing, observe: Self.tell)
        if case .create = ifMissing { warn() }
    }

    /// Opens it for a daemon; one that shows figures has the log's clients count theirs.
    /// - Throws: `DeploymentError`, `LogError`.
    convenience init(ofDaemon arguments: ParsedArguments) throws {
        var settings = try DeploymentSettings(arguments)
        let interval = "statistics.interval.ms"
        if arguments.hasMetrics, settings.kafka[interval] == nil {
            settings.kafka[interval] = "10000"
            settings.tellsLogStatistics = false
        }
        try self.init(settings, ifMissing: .create, observe: Self.tell)
        warn()
    }

    private static func tell(_ text: String) { Console.complain("log: \(text)") }

    private func warn() { for warning in warnings { Console.complain("warning: log: \(warning)") } }
}

extension DeploymentSettings {
    /// - Throws: `DeploymentError` for a URL of no known form.
    init(_ arguments: ParsedArguments) throws {
        let variable = "PARLEY_MASTER_KEY"
        let key: DeploymentSettings.MasterKeySource =
            if let text = Environment.variables()[variable], !text.isEmpty {
                .hexadecimal(Array(text.utf8), source: variable)
            } else {
                .file(arguments[GlobalOptions.keyFile])
            }
        try self.init(
            data: arguments[GlobalOptions.data], log: arguments[GlobalOptions.log],
            sharedStore: arguments[GlobalOptions.sharedStore],
            personalStore: arguments[GlobalOptions.personalStore],
            replicationStore: arguments[GlobalOptions.replicationStore], masterKey: key,
            namespace: arguments[GlobalOptions.namespace], kafka: arguments[GlobalOptions.kafka])
    }
}
