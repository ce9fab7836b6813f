import Arguments
import Benchmarks
import Deployment
import Glibc
import KafkaLog

/// `parley bench [NAME...]`
enum BenchCommand: Subcommand {
    private static let names = Positional.many(
        "NAME",
        help:
            "What to measure; everything when nothing is named. Names: \(Benchmark.all.map(\.name).joined(separator: ", ")).",
        convert: Values.word(of: Benchmark.all.map(\.name)))

    static let declaration = CommandDeclaration(
        "bench", section: Section.running, summary: "measure this machine: each figure beside its floor",
        discussion: [
            "Those with kafka in their names are measured with --log kafka:HOST:PORT,... only.",
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
        let kafka = try kafkaSettings(arguments)
        for benchmark in Benchmark.all where wanted.isEmpty || wanted.contains(benchmark.name) {
            guard let place = benchmark.needsKafka ? kafka.map(Place.kafka) : .directory(directory) else {
                if wanted.isEmpty { continue }
                throw Failure(
                    .wrongUsage, "bench: \(benchmark.name): needs brokers: give --log kafka:HOST:PORT,...")
            }
            for figure in try benchmark.measure(place) {
                try console.output.writeLine(console.json ? figure.json : figure.line)
                try console.output.flush()
            }
        }
        return .done
    }

    private static func kafkaSettings(_ arguments: ParsedArguments) throws -> KafkaSettings? {
        let settings = try DeploymentSettings(arguments)
        guard case .kafka(let brokers) = settings.log else { return nil }
        return try KafkaSettings(brokers: brokers, properties: settings.kafka)
    }
}

/// What a benchmark works in.
private enum Place {
    case directory(String)
    case kafka(KafkaSettings)
}

/// One thing that can be measured; it may give several figures.
private struct Benchmark: Sendable {
    let name: String
    var needsKafka = false
    let measure: @Sendable (Place) throws -> [Measurement]

    /// One that makes files in a directory.
    init(name: String, _ measure: @escaping @Sendable (_ directory: String) throws -> [Measurement]) {
        self.name = name
        self.measure = { place in
            guard case .directory(let directory) = place else { preconditionFailure("it needs a directory") }
            return try measure(directory)
        }
    }

    /// One that makes topics; measured when brokers are given.
    init(name: String, kafka measure: @escaping @Sendable (KafkaSettings) throws -> Measurement) {
        self.name = name
        needsKafka = true
        self.measure = { place in
            guard case .kafka(let settings) = place else { preconditionFailure("it needs brokers") }
            return [try measure(settings)]
        }
    }

    static let all: [Benchmark] = [
        Benchmark(name: "append.sqlite.batch500") { [try AppendBenchmarks.batch500(in: $0)] },
        Benchmark(name: "append.path") { [try PathBenchmark.path(in: $0)] },
        Benchmark(name: "append.concurrent8") { [try AppendBenchmarks.concurrent8(in: $0)] },
        Benchmark(name: "project.sqlite") { [try ProjectionBenchmark.sqlite(in: $0)] },
        Benchmark(name: "mailbox.page.100k") { [try MailboxBenchmark.page100k(in: $0)] },
        Benchmark(name: "produce.kafka", kafka: { try KafkaBenchmarks.produce($0) }),
        Benchmark(name: "consume.kafka", kafka: { try KafkaBenchmarks.consume($0) }),
        Benchmark(name: "visible.p99") { try VisibleBenchmark.visible(executable: "/proc/self/exe", in: $0) },
    ]
}
