import Arguments
import Messaging
import MessagingService
import Wire

/// One `parley append`: what is told of it while it runs and at its end.
final class AppendRun {
    private let pipeline: AppendPipeline
    private let input: InputSource
    private let answers: AnswerFile?
    private let resumePoint: ResumePoint
    private let console: Console
    private var progressLine: ProgressLine

    init(
        pipeline: AppendPipeline, input: InputSource, answers: AnswerFile?, resumePoint: ResumePoint, console: Console
    ) {
        self.pipeline = pipeline
        self.input = input
        self.answers = answers
        self.resumePoint = resumePoint
        self.console = console
        progressLine = ProgressLine(isShown: console.showsProgress)
    }

    /// Appends every valid line.
    func append() throws -> ExitCode {
        var reached = AppendProgress()
        do {
            let input = input
            reached = try pipeline.run(
                from: resumePoint, source: { try input.next(&$0) },
                answer: { answers, progress in
                    reached = progress
                    try tell(answers, progress, work: "append")
                })
        } catch {
            progressLine.end()
            throw Self.explain(error, reached, input.name)
        }
        return try finish(reached)
    }

    /// Reads all first, and appends only when no line is refused.
    func appendIfAllValid() throws -> ExitCode {
        try input.holdForSecondReading()
        let input = input
        let checked = try pipeline.check(
            source: { try input.next(&$0) }, answer: { try tell($0, $1, work: "check") })
        if checked.refused > 0 || console.stop.isRaised { return try finish(checked) }
        try input.rewind()
        return try append()
    }

    private func tell(_ answers: [LineAnswer], _ progress: AppendProgress, work: String) throws {
        for answer in answers {
            guard case .refused(let refusal) = answer.outcome else { continue }
            progressLine.end()
            Console.note("\(input.name):\(answer.line): \(refusal.code.name): \(refusal.reason)")
        }
        try self.answers?.write(answers)
        progressLine.show(work, count: progress.read, "lines", done: progress.inputBytes, total: input.size)
    }

    private func finish(_ progress: AppendProgress) throws -> ExitCode {
        progressLine.end()
        var writer = JSONWriter()
        AnswerLine.write(progress, seconds: progressLine.seconds, to: &writer)
        try console.output.write(writer.bytes)
        // What was refused before an interruption is refused.
        return console.stop.exitCode ?? (progress.refused + resumePoint.refused > 0 ? .no : .done)
    }

    /// Adds to a failure how far all had come.
    private static func explain(_ error: any Error, _ reached: AppendProgress, _ name: String) -> any Error {
        if let mismatch = error as? ResumePoint.Mismatch {
            return Failure(
                .badInput,
                "other answers: \(name):\(mismatch.line): this line is not command \(mismatch.id), which was answered: "
                    + "name the answers of this input")
        }
        if error is FileOutput.ReaderGone { return error }
        let failure = Failure(any: error)
        return Failure(
            failure.exitCode,
            "\(failure.message) (\(reached.appended) records of the first \(reached.read) lines are in the log; when it is "
                + "mended, go on with --resume)")
    }
}
