import Arguments
import Benchmarks
import Deployment
import Glibc
import KafkaLog
import Postgres

/// `parley bench [NAME...]`
enum BenchCommand: Subcommand {
    private static let names = Positional.many(
        "NAME",
        help:
            "What to measure; everything but the long ones (replay.sqlite.5m, visible.replay.p99) when nothing is named. Names: \(Benchmark.all.map(\.name).joined(separator: ", ")).",
        convert: Values.word(of: Benchmark.all.map(\.name)))

    static let declaration = CommandDeclaration(
        "bench", section: Section.running, summary: "measure this machine: each figure beside its floor",
        discussion: [
            "Those with kafka in their names are measured with --log kafka:HOST:PORT,... only, those with postgres with "
                + "--shared-store postgres://... only, by a role that may make databases; visible.kafka needs both.",
            "Every figure is printed with a floor measured in the same run and their ratio. Files are made in the data "
                + "directory and removed; nothing that is there is touched.",
        ],
        positionals: [names.declaration],
        examples: [.init("parley bench append.path project.sqlite --json", "Measures two figures.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let directory = arguments[GlobalOptions.data]
        if mkdir(directory, 0o777) != 0, errno != EEXIST {
            throw Failure(.cannotCreate, "cannot create the directory: \(directory): choose another with --data")
        }
        let wanted = arguments[names]
        let servers = try Servers(arguments)
        for benchmark in Benchmark.all
        where wanted.isEmpty && !benchmark.isLong || wanted.contains(benchmark.name) {
            guard let place = benchmark.place(directory, servers) else {
                if wanted.isEmpty { continue }
                throw Failure(
                    .wrongUsage,
                    "bench: \(benchmark.name): needs a server: give --log kafka:HOST:PORT,... or --shared-store postgres://..."
                )
            }
            for figure in try benchmark.measure(place) {
                try console.output.writeLine(console.json ? figure.json : figure.line)
                try console.output.flush()
            }
        }
        return .done
    }
}

/// The servers that the options name.
private struct Servers {
    let kafka: KafkaSettings?
    let postgres: PostgresAddress?
    /// Of Kafka, as given.
    let properties: [String: String]

    init(_ arguments: ParsedArguments) throws {
        let settings = try DeploymentSettings(arguments)
        postgres = settings.postgresServer
        properties = settings.kafka
        if case .kafka(let brokers) = settings.log {
            kafka = try KafkaSettings(brokers: brokers, properties: settings.kafka)
        } else {
            kafka = nil
        }
    }
}

/// What a benchmark works in.
private enum Place {
    case directory(String)
    case kafka(KafkaSettings)
    case postgres(PostgresAddress, KafkaSettings?, directory: String)
    case both(KafkaSettings, [String: String], PostgresAddress, directory: String)
}

/// One thing that can be measured; it may give several figures.
private struct Benchmark: Sendable {
    let name: String
    var isLong = false
    /// Where to measure; `nil` when the options do not name the server it needs.
    let place: @Sendable (_ directory: String, Servers) -> Place?
    let measure: @Sendable (Place) throws -> [Measurement]

    /// One that makes files in a directory.
    /// - Parameter isLong: measured only when named.
    init(
        name: String, isLong: Bool = false,
        _ measure: @escaping @Sendable (_ directory: String) throws -> [Measurement]
    ) {
        self.name = name
        self.isLong = isLong
        place = { directory, _ in .directory(directory) }
        self.measure = { place in
            guard case .directory(let directory) = place else { preconditionFailure("it needs a directory") }
            return try measure(directory)
        }
    }

    /// One that makes topics; measured when brokers are given.
    init(name: String, kafka measure: @escaping @Sendable (KafkaSettings) throws -> Measurement) {
        self.name = name
        place = { $1.kafka.map(Place.kafka) }
        self.measure = { place in
            guard case .kafka(let settings) = place else { preconditionFailure("it needs brokers") }
            return [try measure(settings)]
        }
    }

    /// One that makes databases, and topics where there are brokers; measured when a server is given.
    init(
        name: String,
        postgres measure: @escaping @Sendable (PostgresAddress, KafkaSettings?, String) throws -> [Measurement]
    ) {
        self.name = name
        place = { directory, servers in servers.postgres.map { .postgres($0, servers.kafka, directory: directory) } }
        self.measure = { place in
            guard case .postgres(let server, let brokers, let directory) = place else {
                preconditionFailure("it needs a server")
            }
            return try measure(server, brokers, directory)
        }
    }

    /// One that makes topics and databases; measured when brokers and a server are given.
    init(
        name: String,
        both measure:
            @escaping @Sendable (KafkaSettings, [String: String], PostgresAddress, String) throws -> [Measurement]
    ) {
        self.name = name
        place = { directory, servers in
            guard let kafka = servers.kafka, let postgres = servers.postgres else { return nil }
            return .both(kafka, servers.properties, postgres, directory: directory)
        }
        self.measure = { place in
            guard case .both(let kafka, let properties, let server, let directory) = place else {
                preconditionFailure("it needs brokers and a server")
            }
            return try measure(kafka, properties, server, directory)
        }
    }

    static let all: [Benchmark] = [
        Benchmark(name: "append.sqlite.batch500") { [try AppendBenchmarks.batch500(in: $0)] },
        Benchmark(name: "append.path") { [try PathBenchmark.path(in: $0)] },
        Benchmark(name: "append.concurrent8") { [try AppendBenchmarks.concurrent8(in: $0)] },
        Benchmark(name: "project.sqlite") { [try ProjectionBenchmark.sqlite(in: $0)] },
        Benchmark(
            name: "project.postgres", postgres: { [try ProjectionBenchmark.postgres(on: $0, from: $1, in: $2)] }),
        Benchmark(name: "mailbox.page.100k") { [try MailboxBenchmark.page100k(in: $0)] },
        Benchmark(name: "produce.kafka", kafka: { try KafkaBenchmarks.produce($0) }),
        Benchmark(name: "consume.kafka", kafka: { try KafkaBenchmarks.consume($0) }),
        Benchmark(name: "replicate.backlog") { [try ReplicationBenchmarks.backlog(in: $0)] },
        Benchmark(name: "replicate.poison1pct") { try ReplicationBenchmarks.poison(in: $0) },
        Benchmark(name: "redrive") { try RedriveBenchmark.redrive(in: $0) },
        Benchmark(name: "redrive.postgres", postgres: { try RedriveBenchmark.redrive(on: $0, in: $2) }),
        Benchmark(
            name: "visible.kafka.p99",
            both: {
                try VisibleBenchmark.kafka(
                    executable: "/proc/self/exe", $0, properties: $1, server: $2, in: $3)
            }),
        Benchmark(name: "replay.sqlite") { try ReplayBenchmark.sqlite(in: $0) },
        Benchmark(name: "replay.sqlite.5m", isLong: true) {
            try ReplayBenchmark.sqlite(in: $0, runs: 1, records: 5_000_000)
        },
        Benchmark(
            name: "replay.postgres",
            postgres: { server, _, directory in
                try ReplayBenchmark.postgres(on: server, in: directory)
            }),
        Benchmark(name: "visible.replay.p99", isLong: true) {
            [try VisibleBenchmark.replay(executable: "/proc/self/exe", in: $0)]
        },
        Benchmark(name: "visible.p99") { try VisibleBenchmark.visible(executable: "/proc/self/exe", in: $0) },
    ]
}
