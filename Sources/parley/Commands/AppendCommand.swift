import Arguments
import ContentProtection
import Deployment
import EventLog
import Messaging
import MessagingService
import Wire

/// `parley append FILE|-`
enum AppendCommand: Subcommand {
    private static let file = Positional.one(
        "FILE|-", help: "The commands, one JSON line each; - is standard input.", completion: .file,
        convert: Values.nonEmpty)
    private static let strict = Option.flag("strict", help: "Append nothing unless every line is valid.")
    private static let answers = Option<String?>.optional(
        "answers", placeholder: "FILE", help: "Write a line for each line there, once its record is durable.",
        completion: .file, convert: Values.nonEmpty)
    private static let resume = Option.flag(
        "resume", help: "Go on after an interruption: lines that are in the log already are not appended again.")
    private static let batch = Option.value(
        "batch", placeholder: "N", default: 2_000, defaultText: "2000",
        help: "Lines that are prepared together at most.",
        convert: Values.integer(in: 1...50_000))

    static let declaration = CommandDeclaration(
        "append", section: Section.writing, summary: "append commands to the log, one JSON line each",
        discussion: [
            "Lines are judged one by one; those refused are named on standard error as FILE:LINE: CODE: reason, the rest "
                + "goes in, and the exit code is 1. Order is kept in each conversation and for each member. The last "
                + "line of output is a summary with a token that reads accept.",
            "A line with an id can be appended any number of times with the effect of one. With --resume every line needs "
                + "its id. With the same --answers FILE as the interrupted run, lines answered there are skipped and only "
                + "the end of the log is searched for the others; without it the whole log is, which takes about a second "
                + "and 100 MB of memory a million records.",
        ],
        positionals: [file.declaration],
        options: [strict.declaration, answers.declaration, resume.declaration, batch.declaration],
        examples: [
            .init("parley sample | parley append -", "Appends a made-up history."),
            .init(
                "parley append --answers done.jsonl --resume history.jsonl",
                "Appends a file, and goes on where it was when it is run again after an interruption."),
        ])

    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode {
        let input = try InputSource(arguments[file], stop: console.stop)
        let answers = try arguments[answers].map { try AnswerFile($0, resumes: arguments[resume]) }
        let deployment = try Deployment(arguments, ifMissing: .create)
        defer { deployment.close() }
        var known: KnownRecords?
        let resumePoint = answers?.resumePoint ?? ResumePoint()
        if arguments[resume] {
            known = try KnownRecords(reading: deployment.log, from: resumePoint.token.offsets) { console.stop.isRaised }
        }
        let run = AppendRun(
            pipeline: try pipeline(deployment, known: known, batchLines: arguments[batch]), input: input,
            answers: answers, resumePoint: resumePoint, console: console)
        return arguments[strict] ? try run.appendIfAllValid() : try run.append()
    }

    private static func pipeline(
        _ deployment: Deployment, known: KnownRecords?, batchLines: Int
    ) throws -> AppendPipeline {
        let keys = try deployment.openKeys()
        return AppendPipeline(log: deployment.log, batchLines: batchLines) {
            try deployment.makeAdmission(keys: keys, known: known)
        }
    }
}
