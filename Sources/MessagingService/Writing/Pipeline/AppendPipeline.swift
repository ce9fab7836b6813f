public import EventLog
import Messaging
import Wire

/// Lines of JSON to durable records: one thread reads, some read commands and seal, the caller's appends and answers.
///
/// Records reach the log in the order of the lines, in every partition; a batch is appended when the one before is durable.
/// While the log syncs, the next batches are prepared. Memory is bounded: at most a few blocks are under way.
public final class AppendPipeline {
    /// What the reader of the input says.
    public enum Input: Sendable {
        /// There is more at once.
        case more
        /// There may be more later; what was read is to go on now.
        case pause
        /// That was all; a last line without line feed counts.
        case end
        /// Somebody asked to stop; a line that has not ended is left out.
        case stopped
    }

    /// Gives the next bytes; called on a thread of its own until it says `end` or `stopped`, or throws.
    public typealias Source = @Sendable (inout [UInt8]) throws -> Input

    /// Records after which nothing more is gathered for one durable step. A block more stays far below `LogLimits`.
    private static let recordsPerAppend = 8_000

    let log: any EventLog
    let batchLines: Int
    let threads: Int
    let makeAdmission: @Sendable () throws -> Admission

    /// - Parameters:
    ///   - batchLines: lines that are prepared together at most. What is prepared while the log syncs is appended in one
    ///     step.
    ///   - threads: that read commands and seal.
    ///   - makeAdmission: called once on each of these threads.
    public init(
        log: any EventLog, batchLines: Int = 1_000, threads: Int = 2,
        makeAdmission: @escaping @Sendable () throws -> Admission
    ) {
        self.log = log
        self.batchLines = batchLines
        self.threads = threads
        self.makeAdmission = makeAdmission
    }

    /// Appends the whole input.
    ///
    /// - Parameters:
    ///   - resume: lines up to its last one are read and counted, and nothing else.
    ///   - answer: is given the answers of each batch once it is durable, and how far all has come; on the caller's thread.
    /// - Returns: the end of it.
    /// - Throws: what the source, admission, the log or `answer` throw; every batch answered before is durable.
    public func run(
        from resume: ResumePoint = ResumePoint(), source: @escaping Source,
        answer: ([LineAnswer], AppendProgress) throws -> Void
    ) throws -> AppendProgress {
        let exchange = BlockExchange<LineAdmission.Output>(capacity: threads * 2 + 2)
        let workers = startThreads(exchange, source, resume: resume)
        defer {
            exchange.cancel()
            for worker in workers { worker.join() }
        }
        var progress = AppendProgress()
        progress.token = resume.token
        while true {
            let blocks = try exchange.nextResults { blocks in
                blocks.reduce(0) { $0 + $1.batch.records.count } >= Self.recordsPerAppend
            }
            if blocks.isEmpty { return progress }
            let answers = try append(blocks, &progress)
            try answer(answers, progress)
        }
    }

    /// Reads the whole input and judges it, appending nothing.
    ///
    /// - Parameter answer: is given the lines that would be refused, in order, and how far all has come; on the caller's
    ///   thread.
    /// - Returns: how many lines there are, and how many of them would be refused.
    /// - Throws: what the source, admission or `answer` throw.
    public func check(
        source: Source, answer: ([LineAnswer], AppendProgress) throws -> Void
    ) throws -> AppendProgress {
        let admission = LineAdmission(try makeAdmission(), resume: ResumePoint())
        var progress = AppendProgress()
        var cutter = LineCutter(maximumLines: batchLines, lineLimit: CommandParser.lineLimit)
        var isAtEnd = false
        while !isAtEnd {
            var blocks: [LineBlock] = []
            let input = try Self.readPiece(source, &cutter) { blocks.append($0) }
            isAtEnd = input == .end || input == .stopped
            if isAtEnd, let last = input == .end ? cutter.takeAll() : cutter.takeLines() { blocks.append(last) }
            for block in blocks {
                progress.read += block.lines.count
                progress.inputBytes = block.inputBytes
                let (refused, blankCount) = try admission.check(block)
                progress.blank += blankCount
                progress.refused += refused.count
                try answer(refused, progress)
            }
        }
        return progress
    }
}
