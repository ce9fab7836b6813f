import Arguments
import Telemetry

/// The options of daemons that show their figures.
enum MetricsOptions {
    static let address = Option<MetricsAddress?>.optional(
        "metrics", placeholder: "HOST:PORT",
        help: "Serve figures for Prometheus at /metrics; nobody is asked who they are: take a loopback address.",
        variable: "PARLEY_METRICS"
    ) { (text) throws(ConversionError) -> MetricsAddress in
        guard let address = MetricsAddress(text) else {
            throw ConversionError("is no HOST:PORT, such as 127.0.0.1:9464 or [::1]:9464")
        }
        return address
    }
    static let file = Option<String?>.optional(
        "metrics-file", placeholder: "FILE", help: "Write the same every 15 s and at the end, for a node exporter.",
        completion: .file, variable: "PARLEY_METRICS_FILE", convert: Values.nonEmpty)

    static let declarations = [address.declaration, file.declaration]
}

extension ParsedArguments {
    /// Whether figures are asked for.
    var hasMetrics: Bool { self[MetricsOptions.address] != nil || self[MetricsOptions.file] != nil }
}

/// What a daemon shows while it works.
struct DaemonMetrics {
    private let arguments: ParsedArguments
    private let command: String
    private let collectors: [MetricsRegistry.Collector]

    /// - Parameter command: which daemon this is, in its own words.
    init(_ arguments: ParsedArguments, command: String, _ collectors: [MetricsRegistry.Collector]) {
        self.arguments = arguments
        self.command = command
        self.collectors = collectors
    }

    /// Runs `body` and shows the figures meanwhile, if that is asked for.
    func whileRunning<Result>(_ body: () throws -> Result) throws -> Result {
        guard arguments.hasMetrics else { return try body() }
        let address = arguments[MetricsOptions.address]
        let process = ProcessMetrics.collector(command: command, version: Catalogue.program.version)
        let complaints = CollectorComplaints()
        let publisher = try MetricsPublisher(
            MetricsRegistry([process] + collectors, failed: complaints.note),
            address: address, file: arguments[MetricsOptions.file].map { MetricsFile($0) },
            complain: { Console.complain($0) })
        if let address, let port = publisher.port {
            let host = address.host.contains(":") ? "[\(address.host)]" : address.host
            Console.complain("metrics: http://\(host):\(port)/metrics")
        }
        publisher.start()
        defer { publisher.stop() }
        return try body()
    }
}
