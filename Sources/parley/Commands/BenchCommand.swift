import Arguments
import Benchmarks
import Glibc

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
            "Every figure is printed with a floor measured in the same run and their ratio. Files are made in the data "
                + "directory and removed; nothing that is there is touched."
        ],
        positionals: [names.declaration],
        examples: [.init("parley bench append.path project.sqlite --json", "Measures two figures.")])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let directory = arguments[GlobalOptions.data]
        if mkdir(directory, 0o777) != 0, errno != EEXIST {
            throw Failure(.cannotCreate, "cannot create the directory: \(directory): choose another with --data")
        }
        let wanted = arguments[names]
        for benchmark in Benchmark.all where wanted.isEmpty || wanted.contains(benchmark.name) {
            for figure in try benchmark.measure(directory) {
                try console.output.writeLine(console.json ? figure.json : figure.line)
                try console.output.flush()
            }
        }
        return .done
    }
}

/// One thing that can be measured; it may give several figures.
private struct Benchmark: Sendable {
    let name: String
    let measure: @Sendable (_ directory: String) throws -> [Measurement]

    static let all: [Benchmark] = [
        Benchmark(name: "append.sqlite.batch500") { [try AppendBenchmarks.batch500(in: $0)] },
        Benchmark(name: "append.path") { [try PathBenchmark.path(in: $0)] },
        Benchmark(name: "append.concurrent8") { [try AppendBenchmarks.concurrent8(in: $0)] },
        Benchmark(name: "project.sqlite") { [try ProjectionBenchmark.sqlite(in: $0)] },
        Benchmark(name: "mailbox.page.100k") { [try MailboxBenchmark.page100k(in: $0)] },
        Benchmark(name: "visible.p99") { try VisibleBenchmark.visible(executable: "/proc/self/exe", in: $0) },
    ]
}
